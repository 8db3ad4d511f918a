import type { EndpointDoc } from './endpoint-docs.ts'
import { BODY_PROBLEMS, KEY_PROBLEMS } from './endpoint-docs.ts'
import {
  billAnswerSchema,
  billSchema,
  billsSchema,
  caseSchema,
  contactAnswerSchema,
  contactSchema,
  contactsSchema,
  lineChangeSchema,
  lineSchema,
  limitSchema,
  preferenceSchema,
  routeSchema,
} from './schema-credit.ts'

const ROUTE_QUERY = { name: 'route', description: 'A credit route; its lender is meant.' }
const CHANGED = { 200: { description: 'What came of it.', schema: lineChangeSchema } }
const LINE_PROBLEMS = [...BODY_PROBLEMS, ...KEY_PROBLEMS, 'not_found', 'state_conflict'] as const

/** What the OpenAPI document says of the endpoints about payers' credit. */
export const CREDIT_DOCS = {
  getLine: {
    id: 'getCreditLine',
    tag: 'payers',
    summary: 'Read a payer’s credit line',
    description: 'What the lender’s facts say, under what the payer has set.',
    query: ROUTE_QUERY,
    answers: { 200: { description: 'The line.', schema: lineSchema } },
    problems: ['invalid_request', 'not_found', 'journal_unavailable'],
  },
  postLimit: {
    id: 'changeCreditLimit',
    tag: 'payers',
    summary: 'Lower a limit, or ask for a higher one',
    description:
      'Lowering holds at once, for every payment that begins after the answer. A higher limit is decided afresh, with reasons; as far as it goes beyond the lender’s own limit it holds once the lender’s facts say so. Safe to repeat with the same key.',
    body: limitSchema,
    example: { route: 'jd_baitiao', limit: { currency: 'CNY', value: 500_000 } },
    keyed: true,
    answers: CHANGED,
    problems: [...LINE_PROBLEMS, 'currency_mismatch', 'facts_unavailable', 'journal_unavailable'],
  },
  postFreeze: {
    id: 'freezeCreditLine',
    tag: 'payers',
    summary: 'Freeze a credit line',
    description: 'Holds at once, for every payment that begins after the answer. Safe to repeat.',
    body: routeSchema,
    keyed: true,
    answers: CHANGED,
    problems: [...LINE_PROBLEMS, 'journal_unavailable'],
  },
  postUnfreeze: {
    id: 'unfreezeCreditLine',
    tag: 'payers',
    summary: 'Unfreeze a credit line',
    description:
      'Takes off what the payer has set; what the lender has frozen stays so (409). Safe to repeat.',
    body: routeSchema,
    keyed: true,
    answers: CHANGED,
    problems: [...LINE_PROBLEMS, 'journal_unavailable'],
  },
  putPreference: {
    id: 'setContactPreference',
    tag: 'payers',
    summary: 'Set how a payer wishes to be told',
    description: 'Carried in every `credit.*` event for the system that delivers it. Safe to repeat.',
    body: preferenceSchema,
    answers: { 200: { description: 'It is set.', schema: preferenceSchema } },
    problems: [...BODY_PROBLEMS, 'not_found', 'journal_unavailable'],
  },
  getBills: {
    id: 'listBills',
    tag: 'payers',
    summary: 'Read a payer’s bills',
    description: 'Open ones, and closed ones until there is no more room for them.',
    query: ROUTE_QUERY,
    answers: { 200: { description: 'The bills.', schema: billsSchema } },
    problems: ['invalid_request', 'not_found', 'journal_unavailable'],
  },
  putBill: {
    id: 'reportBill',
    tag: 'payers',
    summary: 'Tell of a bill',
    description:
      'The lender’s ledger tells what is due and when. The gateway sends `credit.repayment_due` and `credit.overdue` within the rules of contact, and holds the stage of the bill against new credit. Safe to repeat.',
    body: billSchema,
    example: { route: 'jd_baitiao', amount: { currency: 'CNY', value: 42_000 }, dueDate: '2027-01-08' },
    answers: { 200: { description: 'The bill.', schema: billAnswerSchema } },
    problems: [...BODY_PROBLEMS, 'not_found', 'too_many_bills', 'journal_unavailable'],
  },
  postCase: {
    id: 'tellOfBill',
    tag: 'payers',
    summary: 'Tell what has happened about a bill',
    description:
      'It was repaid; the payer asks for a person, or accepts a restructuring; a person has decided. What people hold is moved by people alone. Safe to repeat.',
    body: caseSchema,
    example: { route: 'jd_baitiao', kind: 'repaid' },
    answers: { 200: { description: 'The bill.', schema: billAnswerSchema } },
    problems: [...BODY_PROBLEMS, 'not_found', 'state_conflict', 'journal_unavailable'],
  },
  postContact: {
    id: 'askToContact',
    tag: 'payers',
    summary: 'Ask before contacting a payer about a bill',
    description:
      'Answers by the rules of contact: only the payer, not in quiet hours, not too often. What is allowed is logged as made. Safe to repeat with the same key on the same day.',
    body: contactSchema,
    keyed: true,
    answers: {
      200: { description: 'It must not be made now.', schema: contactAnswerSchema },
      201: { description: 'It may be made, and is logged.', schema: contactAnswerSchema },
    },
    problems: [...BODY_PROBLEMS, 'idempotency_key_missing', 'idempotency_key_invalid', 'not_found'],
  },
  getContacts: {
    id: 'listContacts',
    tag: 'payers',
    summary: 'Read the log of contacts',
    description: 'Of one day of the lender: every notice and every contact, made or refused.',
    query: ROUTE_QUERY,
    optionalQuery: { name: 'day', description: 'YYYY-MM-DD; today when absent.' },
    answers: { 200: { description: 'The contacts.', schema: contactsSchema } },
    problems: ['invalid_request', 'not_found', 'journal_unavailable'],
  },
} as const satisfies Record<string, EndpointDoc>
