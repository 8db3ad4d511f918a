import type { Catalogue } from './wording.ts'

/** Wording in simplified Chinese. Placeholders and sections are explained at `Catalogue`. */
export const CATALOGUE_ZH_CN: Catalogue = {
  TECH_CHANNEL_UNSUPPORTED: {
    message: '当前付款渠道暂不支持{tender}',
    remedy: '[[online|请改用 App 或网页收银台，或选择其他付款方式]][[elsewhere|请选择其他付款方式]]',
  },
  TECH_DEVICE_UNSUPPORTED: {
    message: '当前设备或系统版本无法使用{tender}',
    remedy: '请更新系统、开启 NFC，或扫码支付',
  },
  TECH_TERMINAL_UNSUPPORTED: {
    message: '商户终端不支持{tender}',
    remedy: '请换用二维码或实体卡',
  },
  TECH_ROUTE_MAINTENANCE: {
    message: '该付款方式正在维护[[until|，预计 {until} 恢复]]',
    remedy: '请换一种方式，或稍后再试',
  },
  TECH_ROUTE_UNSTABLE: {
    message: '该付款方式当前不稳定，已为您暂停使用',
    remedy: '请换一种付款方式',
  },
  TECH_OUTCOME_CONFIRMING: {
    message: '正在向付款机构确认结果，请勿重复付款',
    remedy: '请等待结果；如未扣款，会自动开放其他方式',
  },
  TECH_SESSION_EXPIRED: {
    message: '付款已超时，本次未扣款',
    remedy: '请重新发起付款',
  },
  TECH_AUTH_REQUIRED: {
    message: '需要完成身份验证',
    remedy: '请输入密码、短信验证码或进行人脸验证',
  },
  TECH_CREDENTIAL_INVALID: {
    message: '付款信息有误或已过期',
    remedy: '请更新付款信息，或换一张卡',
  },
  LIQ_DAILY_CAPACITY: {
    message: '今日{tender}可用资金已达上限[[notCredit|，与您的信用无关]]',
    remedy: '请用其他方式付款，次日可再查看',
  },
  LIQ_TERM_SUSPENDED: {
    message: '该分期期数暂停提供[[notCredit|，与您的信用无关]]',
    remedy: '请选择较短期数或全额付款',
  },
  LIQ_PARTNER_UNAVAILABLE: {
    message: '合作资金方暂时无法提供服务[[notCredit|，与您的信用无关]]',
    remedy: '请换一种方式，或稍后再试',
  },
  LIQ_AMOUNT_RESTRICTED: {
    message: '当前时段该金额暂不支持{tender}[[notCredit|，与您的信用无关]]',
    remedy: '请降低该部分金额，或换一种付款方式',
  },
  CRD_NOT_ACTIVATED: {
    message: '您尚未开通{tender}',
    remedy: '请在阅读费用与协议后开通',
  },
  CRD_LIMIT_INSUFFICIENT: {
    message: '{tender}可用额度不足以支付本单',
    remedy: '请还款释放额度、申请调额，或换一种付款方式',
  },
  CRD_OVERDUE: {
    message: '您有逾期未还账单，还清后可再次评估',
    remedy: '请查看账单并还款',
  },
  CRD_HISTORY_INSUFFICIENT: {
    message: '可供评估的信用记录较少',
    remedy: '请保持使用与按时还款，或提交补充材料',
  },
  CRD_OBLIGATIONS_HIGH: {
    message: '您现有的还款负担相对较高',
    remedy: '请在负债降低后再申请，也可要求人工复核',
  },
  CRD_ASSESSMENT_NOT_MET: {
    message: '本次综合评估未通过[[factors|，主要因素见下方]]',
    remedy: '您可以申请说明，并要求人工复核',
  },
  CRD_INFO_UNVERIFIED: {
    message: '您的身份或资料需要更新核验',
    remedy: '请更新证件、手机号或本人银行卡',
  },
  CRD_NOT_ELIGIBLE_BY_RULE: {
    message: '依据监管要求，暂不能向您提供消费信贷',
    remedy: '请使用借记卡、余额等自有资金付款',
  },
  CRD_FROZEN_BY_USER: {
    message: '您已关闭或冻结{tender}',
    remedy: '请在设置中恢复',
  },
  CRD_UNAVAILABLE: {
    message: '本单暂不能使用{tender}',
    remedy: '请换一种付款方式，或在{tender}账户中查看详情',
  },
  MER_NOT_ENABLED: {
    message: '商家未开通该付款方式',
    remedy: '请换一种付款方式',
  },
  MER_GOODS_EXCLUDED: {
    message: '订单中有商品不支持{tender}[[items|：{items}]]',
    remedy: '请拆单，或换一种付款方式',
  },
  MER_AMOUNT_OUT_OF_RANGE: {
    message: '订单金额不在该付款方式支持范围内',
    remedy: '请换一种付款方式，或调整订单',
  },
  SEC_CANNOT_PROCESS: {
    message: '本次无法使用该方式付款',
    remedy: '请换一种付款方式，或联系客服',
  },
  TENDER_NOT_ACCEPTED: {
    message: '您未选择用{tender}支付本单',
    remedy: '如需使用，请选择该方式并确认其条款',
  },
}
