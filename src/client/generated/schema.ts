// Made from docs/openapi.json by `npm run client`. Not edited by hand.
export interface paths {
    readonly "/v1/quotes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask which ways to pay a page can show
         * @description Every tender with its best route, reasons and remedies for those not on offer, and for credit the plans with their whole price. Charges nothing; safe to repeat.
         *
         *     Scope: `quote`.
         */
        readonly post: operations["createQuotes"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/decisions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Decide which routes to try
         * @description For a checkout that executes payments itself. Report what came of it. Charges nothing; safe to repeat.
         *
         *     Scope: `decide`.
         */
        readonly post: operations["createDecision"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/decisions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read a decision
         * @description As it was told, or the complete record for keys that may see it.
         *
         *     Scope: `read`.
         */
        readonly get: operations["getDecision"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/decisions/{id}/outcomes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Report what came of an attempt
         * @description Counted once per attempt, in any order, for as long as the decision is kept. Safe to repeat.
         *
         *     Scope: `outcome`.
         */
        readonly post: operations["reportOutcome"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Find the payments of an order
         * @description Newest first.
         *
         *     Scope: `read`.
         */
        readonly get: operations["listPayments"];
        readonly put?: never;
        /**
         * Pay
         * @description Decides and executes, with failover only on proof that nothing was charged. Repeat with the same key until the answer is final; it never charges twice.
         *
         *     Scope: `pay`.
         */
        readonly post: operations["createPayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read a payment
         * @description As it stands now.
         *
         *     Scope: `read`.
         */
        readonly get: operations["getPayment"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}/capture": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Capture an authorization
         * @description All or part of it. Safe to repeat with the same key.
         *
         *     Scope: `pay`.
         */
        readonly post: operations["capturePayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}/cancel": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Cancel a payment
         * @description Voids an authorization, or ends a payment that has not taken money.
         *
         *     Scope: `pay`.
         */
        readonly post: operations["cancelPayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}/refunds": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Refund
         * @description All or part of what was captured; never more, whatever is still unknown. Safe to repeat with the same key.
         *
         *     Scope: `refund`.
         */
        readonly post: operations["refundPayment"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/payments/{id}/refunds/{refund}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read a refund
         * @description As it stands now.
         *
         *     Scope: `read`.
         */
        readonly get: operations["getRefund"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description One try on one route. */
        readonly Attempt: {
            readonly route: string;
            readonly reference: string;
            /** @enum {string} */
            readonly status: "approved" | "authorized" | "declined" | "processing" | "requires_action" | "unknown" | "not_sent" | "voided" | "absent" | "reversed";
            /** @enum {string} */
            readonly declineCategory?: "not_sent" | "outcome_unknown" | "upstream_unavailable" | "insufficient_funds" | "limit_exceeded" | "authentication_required" | "credential_invalid" | "instrument_blocked" | "suspected_fraud" | "issuer_declined" | "not_permitted" | "credit_refused" | "funding_unavailable" | "invalid_request";
            readonly latencyMs?: number;
        } & {
            readonly [key: string]: unknown;
        };
        /** @description Which routes may be used, what each is worth, and in which order to try. */
        readonly Decision: {
            readonly id: string;
            /** @description Routes in the order in which they are to be tried. */
            readonly cascade: readonly string[];
            readonly candidates: readonly ({
                readonly route: string;
                /** @enum {string} */
                readonly tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                readonly eligible: boolean;
                readonly reasons: readonly components["schemas"]["Reason"][];
                /** @description Every term of the value; with scope `explain` only. */
                readonly value?: {
                    readonly index: number;
                    readonly gain: number;
                } & {
                    readonly [key: string]: unknown;
                };
            } & {
                readonly [key: string]: unknown;
            })[];
            readonly policyVersion: string;
            readonly seed: number;
        } & {
            readonly [key: string]: unknown;
        };
        /** @description A decision; with scopes `explain` and `creditReasons` the complete record that replays it. */
        readonly DecisionRecord: {
            readonly id: string;
        } & {
            readonly [key: string]: unknown;
        };
        /** @description An empty object. */
        readonly Empty: Record<string, never>;
        /** @description One instalment, in minor units. */
        readonly Instalment: {
            readonly number: number;
            /** Format: date */
            readonly dueDate: string;
            readonly principal: number;
            readonly fee: number;
            readonly total: number;
        } & {
            readonly [key: string]: unknown;
        };
        /** @description One plan of a lender with its whole price. */
        readonly InstalmentPlan: {
            /** @description What a credit payment consents to. */
            readonly quote: string;
            readonly instalments: number;
            readonly schedule: readonly components["schemas"]["Instalment"][];
            readonly feeItems: readonly ({
                readonly code: string;
                readonly payee: string;
                readonly bearer: string;
                readonly timing: string;
                readonly total: number;
            } & {
                readonly [key: string]: unknown;
            })[];
            readonly totalFee: number;
            readonly totalPayable: number;
            /** @description Simple annual rate, 12 times the monthly rate; 0.109 is 10.9 %. */
            readonly annualRateSimple: number;
            /** @description Compound annual rate (IRR). */
            readonly annualRateCompound: number;
            readonly feeRefundable: boolean;
            /** Format: date-time */
            readonly expiresAt: string;
        } & {
            readonly [key: string]: unknown;
        };
        /** @description An amount in integer minor units (fen, cents). */
        readonly Money: {
            /** @enum {string} */
            readonly currency: "AED" | "AUD" | "BHD" | "BRL" | "CAD" | "CHF" | "CNY" | "CZK" | "DKK" | "EUR" | "GBP" | "HKD" | "HUF" | "IDR" | "ILS" | "INR" | "JOD" | "JPY" | "KRW" | "KWD" | "MOP" | "MXN" | "MYR" | "NOK" | "NZD" | "OMR" | "PHP" | "PLN" | "RON" | "SAR" | "SEK" | "SGD" | "THB" | "TND" | "TRY" | "TWD" | "USD" | "VND" | "ZAR";
            readonly value: number;
        };
        /** @description What to capture or refund; without an amount all that is left. */
        readonly OperationAmount: {
            readonly amount?: components["schemas"]["Money"];
        };
        /** @description What became of an attempt of a decision. */
        readonly Outcome: {
            /** @description Id of the attempt; makes the report exactly-once. */
            readonly attempt: string;
            readonly route: string;
            /** @enum {string} */
            readonly status: "approved" | "authorized" | "declined" | "processing" | "requires_action" | "unknown" | "not_sent" | "voided" | "absent" | "reversed";
            readonly latencyMs: number;
            readonly declineCode?: string;
            /** @enum {string} */
            readonly declineCategory?: "not_sent" | "outcome_unknown" | "upstream_unavailable" | "insufficient_funds" | "limit_exceeded" | "authentication_required" | "credential_invalid" | "instrument_blocked" | "suspected_fraud" | "issuer_declined" | "not_permitted" | "credit_refused" | "funding_unavailable" | "invalid_request";
        };
        /** @description Whether a report was counted. */
        readonly OutcomeReceipt: {
            /** @description False when this attempt was reported before. */
            readonly counted: boolean;
        } & {
            readonly [key: string]: unknown;
        };
        /** @description A payment as it stands, or as it was answered. */
        readonly Payment: {
            readonly id: string;
            /** @enum {string} */
            readonly status: "succeeded" | "authorized" | "pending" | "declined" | "requires_action" | "canceled";
            readonly orderId: string;
            readonly amount: components["schemas"]["Money"];
            readonly route?: string;
            /** @enum {string} */
            readonly tender?: "credit" | "card" | "wallet" | "balance" | "flash_pay";
            readonly attempts: readonly components["schemas"]["Attempt"][];
            readonly decision: string;
            readonly reasons: readonly components["schemas"]["Reason"][];
            readonly explanation: readonly ({
                readonly route: string;
                /** @enum {string} */
                readonly tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                readonly label: string;
                readonly eligible: boolean;
                readonly reasons: readonly components["schemas"]["Reason"][];
            } & {
                readonly [key: string]: unknown;
            })[];
            readonly alternatives?: readonly ({
                /** @enum {string} */
                readonly tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                readonly route: string;
                readonly label: string;
            } & {
                readonly [key: string]: unknown;
            })[];
            readonly nextAction?: {
                /** @enum {string} */
                readonly type: "redirect" | "qr_code" | "app_link" | "form";
                readonly url?: string;
                readonly payload?: string;
                /** Format: date-time */
                readonly expiresAt: string;
            } & {
                readonly [key: string]: unknown;
            };
        } & {
            readonly [key: string]: unknown;
        };
        /** @description What the checkout tells about one payment. */
        readonly PaymentContext: {
            readonly orderId: string;
            readonly amount: components["schemas"]["Money"];
            /** @enum {string} */
            readonly channel: "app" | "web" | "h5" | "mini_program" | "qr_merchant" | "qr_customer" | "nfc";
            readonly payer: {
                readonly id: string;
                readonly locale?: string;
            };
            readonly merchant?: {
                readonly id: string;
                readonly mcc?: string;
            };
            readonly items?: readonly {
                readonly id: string;
                readonly category: string;
                readonly amount: components["schemas"]["Money"];
            }[];
            readonly funding: {
                readonly accept: readonly {
                    /** @enum {string} */
                    readonly tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                    readonly instalments?: number;
                    readonly quote?: string;
                }[];
                /** @enum {string} */
                readonly preference?: "payer_order" | "best_value";
                readonly instruments?: {
                    readonly [key: string]: {
                        readonly token: string;
                        readonly bin?: string;
                        readonly issuer?: string;
                    };
                };
            };
            /** @enum {string} */
            readonly capture?: "automatic" | "manual";
            /** Format: uri */
            readonly returnUrl?: string;
            readonly metadata?: {
                readonly [key: string]: string;
            };
            readonly marginBps?: number;
        };
        /** @description The payments of one order, newest first. */
        readonly Payments: {
            readonly payments: readonly components["schemas"]["Payment"][];
        } & {
            readonly [key: string]: unknown;
        };
        /** @description RFC 9457 problem details. Codes: docs/errors.md. */
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            readonly status: number;
            readonly code: string;
            readonly detail?: string;
            readonly errors?: readonly ({
                readonly pointer: string;
                readonly message: string;
            } & {
                readonly [key: string]: unknown;
            })[];
            readonly payment?: string;
        } & {
            readonly [key: string]: unknown;
        };
        /** @description The ways to pay that a checkout page can show. */
        readonly Quotes: {
            readonly options: readonly ({
                /** @enum {string} */
                readonly tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                readonly route: string;
                readonly lender?: string;
                readonly available: boolean;
                readonly reasons: readonly components["schemas"]["Reason"][];
                /** @description Terms that are paused for now, whoever asks. */
                readonly suspendedTerms?: readonly number[];
                readonly plans: readonly components["schemas"]["InstalmentPlan"][];
            } & {
                readonly [key: string]: unknown;
            })[];
        } & {
            readonly [key: string]: unknown;
        };
        /** @description Why a way to pay is not offered, and what to do. */
        readonly Reason: {
            /** @description A reason code; see docs/config.md for those that rules may give. */
            readonly code: string;
            /** @description What it is, in the language of the payer. */
            readonly message: string;
            /** @description What the payer can do about it. */
            readonly remedy: string;
        } & {
            readonly [key: string]: unknown;
        };
        /** @description A refund. A pending one keeps its amount reserved. */
        readonly Refund: {
            readonly id: string;
            readonly payment: string;
            readonly orderId: string;
            readonly amount: components["schemas"]["Money"];
            /** @enum {string} */
            readonly status: "succeeded" | "failed" | "pending";
            readonly declineCode?: string;
        } & {
            readonly [key: string]: unknown;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly createQuotes: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "orderId": "o-1001",
                 *       "amount": {
                 *         "currency": "CNY",
                 *         "value": 129900
                 *       },
                 *       "channel": "app",
                 *       "payer": {
                 *         "id": "u-1",
                 *         "locale": "en"
                 *       },
                 *       "funding": {
                 *         "accept": [
                 *           {
                 *             "tender": "card"
                 *           },
                 *           {
                 *             "tender": "wallet"
                 *           }
                 *         ]
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["PaymentContext"];
            };
        };
        readonly responses: {
            /** @description The options. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Quotes"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            readonly 411: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createDecision: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "orderId": "o-1001",
                 *       "amount": {
                 *         "currency": "CNY",
                 *         "value": 129900
                 *       },
                 *       "channel": "app",
                 *       "payer": {
                 *         "id": "u-1",
                 *         "locale": "en"
                 *       },
                 *       "funding": {
                 *         "accept": [
                 *           {
                 *             "tender": "card"
                 *           },
                 *           {
                 *             "tender": "wallet"
                 *           }
                 *         ]
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["PaymentContext"];
            };
        };
        readonly responses: {
            /** @description The decision. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Decision"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            readonly 411: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getDecision: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the decision. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The decision. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DecisionRecord"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly reportOutcome: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the decision. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Outcome"];
            };
        };
        readonly responses: {
            /** @description It was reported before. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OutcomeReceipt"];
                };
            };
            /** @description It was counted. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OutcomeReceipt"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            readonly 411: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listPayments: {
        readonly parameters: {
            readonly query: {
                /** @description The order. */
                readonly orderId: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The payments. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payments"];
                };
            };
            /** @description `invalid_request`: The request is not valid. */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                readonly "Idempotency-Key": string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "orderId": "o-1001",
                 *       "amount": {
                 *         "currency": "CNY",
                 *         "value": 129900
                 *       },
                 *       "channel": "app",
                 *       "payer": {
                 *         "id": "u-1",
                 *         "locale": "en"
                 *       },
                 *       "funding": {
                 *         "accept": [
                 *           {
                 *             "tender": "card"
                 *           },
                 *           {
                 *             "tender": "wallet"
                 *           }
                 *         ]
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["PaymentContext"];
            };
        };
        readonly responses: {
            /** @description The payment has ended, or waits for the payer. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The outcome is being confirmed; it settles by itself. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             *
             *     `idempotency_key_missing`: An Idempotency-Key header is required.
             *
             *     `idempotency_key_invalid`: The Idempotency-Key header is not valid.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `request_in_progress`: A request with this key is in progress.
             *
             *     `order_in_progress`: The order has a payment in progress.
             *
             *     `order_already_paid`: The order is already paid.
             *
             *     `quote_changed`: The quote no longer stands.
             */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            readonly 411: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `idempotency_key_reused`: The Idempotency-Key was used for another request.
             *
             *     `quote_required`: Paying with credit needs an accepted quote.
             */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the payment. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The payment. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly capturePayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                /** @description Id of the payment. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OperationAmount"];
            };
        };
        readonly responses: {
            /** @description The payment. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             *
             *     `idempotency_key_missing`: An Idempotency-Key header is required.
             *
             *     `idempotency_key_invalid`: The Idempotency-Key header is not valid.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            readonly 411: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `idempotency_key_reused`: The Idempotency-Key was used for another request.
             *
             *     `amount_too_high`: The amount is more than what is left.
             *
             *     `currency_mismatch`: The currency is not that of the payment.
             */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cancelPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                /** @description Id of the payment. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Empty"];
            };
        };
        readonly responses: {
            /** @description It is canceled. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description It is being closed. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Payment"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             *
             *     `idempotency_key_missing`: An Idempotency-Key header is required.
             *
             *     `idempotency_key_invalid`: The Idempotency-Key header is not valid.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            readonly 411: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency_key_reused`: The Idempotency-Key was used for another request. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly refundPayment: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                readonly "Idempotency-Key": string;
            };
            readonly path: {
                /** @description Id of the payment. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["OperationAmount"];
            };
        };
        readonly responses: {
            /** @description The refund has ended. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description Its outcome is not known yet; it settles by itself. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Refund"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             *
             *     `idempotency_key_missing`: An Idempotency-Key header is required.
             *
             *     `idempotency_key_invalid`: The Idempotency-Key header is not valid.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            readonly 411: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `idempotency_key_reused`: The Idempotency-Key was used for another request.
             *
             *     `amount_too_high`: The amount is more than what is left.
             *
             *     `currency_mismatch`: The currency is not that of the payment.
             */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getRefund: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the payment. */
                readonly id: string;
                /** @description Id of the refund. */
                readonly refund: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The refund. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
