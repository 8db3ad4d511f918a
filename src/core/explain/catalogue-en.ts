import type { Catalogue } from './wording.ts'

/** English wording. Placeholders and sections are explained at `Catalogue`. */
export const CATALOGUE_EN: Catalogue = {
  TECH_CHANNEL_UNSUPPORTED: {
    message: 'This payment channel does not support {tender} at present.',
    remedy:
      '[[online|Pay in the app or on the web, or choose another way to pay.]][[elsewhere|Choose another way to pay.]]',
  },
  TECH_DEVICE_UNSUPPORTED: {
    message: '{tender} is not available on this device or system version.',
    remedy: 'Update the system, switch on NFC, or pay by scanning a code.',
  },
  TECH_TERMINAL_UNSUPPORTED: {
    message: "The merchant's terminal cannot take {tender}.",
    remedy: 'Pay with a QR code or a physical card.',
  },
  TECH_ROUTE_MAINTENANCE: {
    message: 'This payment method is under maintenance[[until| until {until}]].',
    remedy: 'Choose another way to pay, or try again later.',
  },
  TECH_ROUTE_UNSTABLE: {
    message: 'This payment method is unstable right now, so we have paused it.',
    remedy: 'Choose another way to pay.',
  },
  TECH_OUTCOME_CONFIRMING: {
    message: 'We are confirming the result with the provider. Please do not pay again.',
    remedy: 'Wait for the result. If you were not charged, other ways to pay open again by themselves.',
  },
  TECH_SESSION_EXPIRED: {
    message: 'The payment timed out and you were not charged.',
    remedy: 'Start the payment again.',
  },
  TECH_AUTH_REQUIRED: {
    message: 'Extra verification is needed.',
    remedy: 'Confirm with your password, a text message or your face.',
  },
  TECH_CREDENTIAL_INVALID: {
    message: 'The payment details are wrong or expired.',
    remedy: 'Update the details, or use another card.',
  },
  LIQ_DAILY_CAPACITY: {
    message: '{tender} funding for today is used up.[[notCredit| This is not about your credit.]]',
    remedy: 'Choose another way to pay, or see tomorrow what is on offer.',
  },
  LIQ_TERM_SUSPENDED: {
    message: 'This instalment term is paused.[[notCredit| This is not about your credit.]]',
    remedy: 'Choose a shorter term, or pay in one sum.',
  },
  LIQ_PARTNER_UNAVAILABLE: {
    message: 'The funding partner is temporarily unavailable.[[notCredit| This is not about your credit.]]',
    remedy: 'Choose another way to pay, or try again later.',
  },
  LIQ_AMOUNT_RESTRICTED: {
    message: '{tender} is limited for this amount at this time.[[notCredit| This is not about your credit.]]',
    remedy: 'Pay a smaller part this way, or choose another way to pay.',
  },
  CRD_NOT_ACTIVATED: {
    message: 'You have not activated {tender}.',
    remedy: 'Activate it after reading the fees and the agreement.',
  },
  CRD_LIMIT_INSUFFICIENT: {
    message: 'Your available {tender} credit does not cover this order.',
    remedy: 'Repay to free credit, ask for a higher limit, or choose another way to pay.',
  },
  CRD_OVERDUE: {
    message: 'You have an overdue bill; we can reassess after it is repaid.',
    remedy: 'Look at your bill and repay it.',
  },
  CRD_HISTORY_INSUFFICIENT: {
    message: 'There is too little credit history to assess.',
    remedy: 'Keep using and repaying on time, or hand in further documents.',
  },
  CRD_OBLIGATIONS_HIGH: {
    message: 'Your existing repayment obligations are relatively high.',
    remedy: 'Apply again when they are lower, or ask for a person to review the decision.',
  },
  CRD_ASSESSMENT_NOT_MET: {
    message: 'This assessment was not passed[[factors|; the main factors are listed below]].',
    remedy: 'You may ask for an explanation and for a person to review the decision.',
  },
  CRD_INFO_UNVERIFIED: {
    message: 'Your identity or details need to be verified again.',
    remedy: 'Update your identity document, phone number or own bank card.',
  },
  CRD_NOT_ELIGIBLE_BY_RULE: {
    message: 'Under regulation we cannot offer you consumer credit.',
    remedy: 'Pay with a debit card, your balance or another way of your own money.',
  },
  CRD_FROZEN_BY_USER: {
    message: 'You have switched off or frozen {tender}.',
    remedy: 'Switch it on again in the settings.',
  },
  CRD_UNAVAILABLE: {
    message: '{tender} is not available for this order.',
    remedy: 'Choose another way to pay, or look in your {tender} account for details.',
  },
  MER_NOT_ENABLED: {
    message: 'The merchant has not enabled this payment method.',
    remedy: 'Choose another way to pay.',
  },
  MER_GOODS_EXCLUDED: {
    message: 'An item in the order cannot be paid with {tender}[[items|: {items}]].',
    remedy: 'Order it separately, or choose another way to pay.',
  },
  MER_AMOUNT_OUT_OF_RANGE: {
    message: 'The order amount is outside the range for this payment method.',
    remedy: 'Choose another way to pay, or change the order.',
  },
  SEC_CANNOT_PROCESS: {
    message: 'We cannot process this payment method for this order.',
    remedy: 'Choose another way to pay, or contact customer service.',
  },
  TENDER_NOT_ACCEPTED: {
    message: 'You have not chosen {tender} for this payment.',
    remedy: 'Choose it and confirm its terms, if you want to pay this way.',
  },
}
