// Made from docs/openapi.json by `npm run client`. Not edited by hand.
export interface paths {
    "/v1/quotes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask which ways to pay a page can show
         * @description Every tender with its best route, reasons and remedies for those not on offer, and for credit the plans with their whole price. Charges nothing; safe to repeat.
         *
         *     Scope: `quote`.
         */
        post: operations["createQuotes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide which routes to try
         * @description For a checkout that executes payments itself. Report what came of it. Charges nothing; safe to repeat.
         *
         *     Scope: `decide`.
         */
        post: operations["createDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decisions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a decision
         * @description As it was told, or the complete record for keys that may see it.
         *
         *     Scope: `read`.
         */
        get: operations["getDecision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decisions/{id}/outcomes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report what came of an attempt
         * @description Counted once per attempt, in any order, for as long as the decision is kept. Safe to repeat.
         *
         *     Scope: `outcome`.
         */
        post: operations["reportOutcome"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/decisions/{id}/explanation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read why a way to pay is or is not on offer
         * @description At most four reasons per way to pay, each with what the payer can do, in the language of the payer, and the ways that work now. With `audience=operator` (scope `explain`) every route and every gate. Credit reasons need the scope `creditReasons` and are told a limited number of times per payer and hour.
         *
         *     Scope: `read`.
         */
        get: operations["explainDecision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find the payments of an order
         * @description Newest first.
         *
         *     Scope: `read`.
         */
        get: operations["listPayments"];
        put?: never;
        /**
         * Pay
         * @description Decides and executes, with failover only on proof that nothing was charged. Repeat with the same key until the answer is final; it never charges twice.
         *
         *     Scope: `pay`.
         */
        post: operations["createPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a payment
         * @description As it stands now.
         *
         *     Scope: `read`.
         */
        get: operations["getPayment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/capture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Capture an authorization
         * @description All or part of it, in one or several captures; `final` releases the rest. A payment has at most 100 captures, voids and refunds. Safe to repeat with the same key.
         *
         *     Scope: `pay`.
         */
        post: operations["capturePayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a payment
         * @description Voids an authorization, or ends a payment that has not taken money.
         *
         *     Scope: `pay`.
         */
        post: operations["cancelPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/switch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with another tender
         * @description The payer has changed their mind before paying: what is open is closed and confirmed, then the new tender is tried. If the old one turns out to be paid, the payment has succeeded with it. Safe to repeat with the same key.
         *
         *     Scope: `pay`.
         */
        post: operations["switchTender"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refund
         * @description All or part of what was captured; never more, whatever is still unknown. A payment has at most 100 captures, voids and refunds. Safe to repeat with the same key.
         *
         *     Scope: `refund`.
         */
        post: operations["refundPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payments/{id}/refunds/{refund}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a refund
         * @description As it stands now.
         *
         *     Scope: `read`.
         */
        get: operations["getRefund"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payers/{id}/credit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a payer’s credit line
         * @description What the lender’s facts say, under what the payer has set.
         *
         *     Scope: `credit`.
         */
        get: operations["getCreditLine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payers/{id}/credit/limit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lower a limit, or ask for a higher one
         * @description Lowering holds at once, for every payment that begins after the answer. A higher limit is decided afresh, with reasons; as far as it goes beyond the lender’s own limit it holds once the lender’s facts say so. Safe to repeat with the same key.
         *
         *     Scope: `credit`.
         */
        post: operations["changeCreditLimit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payers/{id}/credit/freeze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Freeze a credit line
         * @description Holds at once, for every payment that begins after the answer. Safe to repeat.
         *
         *     Scope: `credit`.
         */
        post: operations["freezeCreditLine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payers/{id}/credit/unfreeze": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Unfreeze a credit line
         * @description Takes off what the payer has set; what the lender has frozen stays so (409). Safe to repeat.
         *
         *     Scope: `credit`.
         */
        post: operations["unfreezeCreditLine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payers/{id}/contact-preference": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set how a payer wishes to be told
         * @description Carried in every `credit.*` event for the system that delivers it. Safe to repeat.
         *
         *     Scope: `credit`.
         */
        put: operations["setContactPreference"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payers/{id}/bills": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a payer’s bills
         * @description Open ones, and closed ones until there is no more room for them.
         *
         *     Scope: `credit`.
         */
        get: operations["listBills"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payers/{id}/bills/{bill}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Tell of a bill
         * @description The lender’s ledger tells what is due and when. The gateway sends `credit.repayment_due` and `credit.overdue` within the rules of contact, and holds the stage of the bill against new credit. Safe to repeat.
         *
         *     Scope: `credit`.
         */
        put: operations["reportBill"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payers/{id}/bills/{bill}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell what has happened about a bill
         * @description It was repaid; the payer asks for a person, or accepts a restructuring; a person has decided. What people hold is moved by people alone. Safe to repeat.
         *
         *     Scope: `credit`.
         */
        post: operations["tellOfBill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/payers/{id}/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the log of contacts
         * @description Of one day of the lender: every notice and every contact, made or refused.
         *
         *     Scope: `credit`.
         */
        get: operations["listContacts"];
        put?: never;
        /**
         * Ask before contacting a payer about a bill
         * @description Answers by the rules of contact: only the payer, not in quiet hours, not too often. What is allowed is logged as made. Safe to repeat with the same key on the same day.
         *
         *     Scope: `credit`.
         */
        post: operations["askToContact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description One try on one route. */
        Attempt: {
            route: string;
            reference: string;
            /** @enum {string} */
            status: "approved" | "authorized" | "declined" | "processing" | "requires_action" | "unknown" | "not_sent" | "voided" | "absent" | "reversed";
            /** @enum {string} */
            declineCategory?: "not_sent" | "outcome_unknown" | "upstream_unavailable" | "insufficient_funds" | "limit_exceeded" | "authentication_required" | "credential_invalid" | "instrument_blocked" | "suspected_fraud" | "issuer_declined" | "not_permitted" | "credit_refused" | "funding_unavailable" | "invalid_request";
            latencyMs?: number;
        } & {
            [key: string]: unknown;
        };
        /** @description A bill and where the lender stands about it. */
        Bill: {
            bill: string;
            route: string;
            amount: components["schemas"]["Money"];
            /** Format: date */
            dueDate: string;
            /** @description Where the lender stands about it: current, reminded, ... */
            state: string;
            /** Format: date-time */
            since?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description A bill of the payer, as the lender’s ledger has it. */
        BillReport: {
            /** @description A credit route; its lender is meant. */
            route: string;
            amount: components["schemas"]["Money"];
            /** Format: date */
            dueDate: string;
        };
        /** @description The bills of a payer. */
        Bills: {
            bills: components["schemas"]["Bill"][];
        } & {
            [key: string]: unknown;
        };
        /** @description What to capture; without an amount all that is left. */
        Capture: {
            amount?: components["schemas"]["Money"];
            /** @description It is the last capture: what it leaves of the authorization is released, and nothing more can be captured. */
            final?: boolean;
        };
        /** @description What has happened about a bill. */
        CaseEvent: {
            /** @description A credit route; its lender is meant. */
            route: string;
            /** @constant */
            kind: "repaid";
        } | {
            /** @description A credit route; its lender is meant. */
            route: string;
            /** @constant */
            kind: "review_asked";
        } | {
            /** @description A credit route; its lender is meant. */
            route: string;
            /** @constant */
            kind: "offer_accepted";
            /** @description Name of the agreement. */
            plan: string;
            /**
             * Format: date
             * @description First due date of the agreement.
             */
            dueDate: string;
        } | {
            /** @description A credit route; its lender is meant. */
            route: string;
            /** @constant */
            kind: "person_decided";
            /** @description Who has decided. */
            actor: string;
            /** @enum {string} */
            outcome: "close" | "offer_restructuring" | "keep";
        };
        /** @description Whether the contact may be made now. It is logged either way. */
        ContactAnswer: {
            allowed: boolean;
            /** @enum {string} */
            refusal?: "third_party" | "duplicate" | "quiet_hours" | "daily_cap";
            /**
             * Format: date-time
             * @description When to ask again.
             */
            notBefore?: string;
            /** Format: date-time */
            loggedAt: string;
            /** Format: date */
            retainUntil: string;
        } & {
            [key: string]: unknown;
        };
        /** @description How a payer wishes to be told about their credit. */
        ContactPreference: {
            /** @description A credit route; its lender is meant. */
            route: string;
            /** @description Best first. */
            channels: ("push" | "sms" | "email" | "in_app" | "call" | "letter")[];
            locale: string;
            /** @description Whether the payer wishes to be reached in quiet hours too. */
            quietHoursConsent: boolean;
        };
        /** @description A contact that somebody wants to make now. */
        ContactRequest: {
            /** @description A credit route; its lender is meant. */
            route: string;
            bill: string;
            /** @description Who would be reached. Anybody but the payer is refused. */
            recipient: string;
            /** @enum {string} */
            notice: "due_soon" | "due_today" | "overdue_reminder" | "restructuring_offer" | "human_review";
            /** @enum {string} */
            channel: "push" | "sms" | "email" | "in_app" | "call" | "letter";
            /** @description The person or system that makes the contact. */
            actor: string;
            scriptVersion: string;
        };
        /** @description The contacts of one day, oldest first. */
        Contacts: {
            contacts: ({
                bill: string;
                /** @enum {string} */
                channel: "push" | "sms" | "email" | "in_app" | "call" | "letter";
            } & {
                [key: string]: unknown;
            })[];
        } & {
            [key: string]: unknown;
        };
        /** @description A payer’s credit line as it stands. */
        CreditLine: {
            payer: string;
            route: string;
            lender: string;
            currency: string;
            /** @description Minor units; null while the lender cannot be asked. */
            limit: number | null;
            used: number | null;
            available: number | null;
            /** @description What the payer has set; null where only the lender’s limit holds. */
            ownLimit: number | null;
            frozen: ({
                /** @enum {string} */
                by: "payer" | "lender";
                /** Format: date-time */
                since: string;
            } & {
                [key: string]: unknown;
            }) | null;
            daysPastDue: number;
            stage: string;
        } & {
            [key: string]: unknown;
        };
        /** @description What came of a change of a credit line. */
        CreditLineChange: {
            /** @enum {string} */
            outcome: "unchanged" | "lowered" | "frozen" | "unfrozen" | "granted" | "partly_granted" | "refused" | "to_review" | "too_soon";
            reasons: components["schemas"]["Reason"][];
            /**
             * Format: date-time
             * @description From when a raise is decided again.
             */
            reviewAt?: string;
            /** @description With every decision that is not all that was asked for. */
            credit?: {
                lender: string;
                /** Format: date */
                decidedOn: string;
                rights: string;
                contact?: string;
            } & {
                [key: string]: unknown;
            };
            line: components["schemas"]["CreditLine"];
        } & {
            [key: string]: unknown;
        };
        /** @description Whose credit line. */
        CreditRoute: {
            /** @description A credit route; its lender is meant. */
            route: string;
        };
        /** @description Which routes may be used, what each is worth, and in which order to try. */
        Decision: {
            id: string;
            /** @description Routes in the order in which they are to be tried. */
            cascade: string[];
            candidates: ({
                route: string;
                /** @enum {string} */
                tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                eligible: boolean;
                reasons: components["schemas"]["Reason"][];
                /** @description Every term of the value; with scope `explain` only. */
                value?: {
                    index: number;
                    gain: number;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[];
            policyVersion: string;
            seed: number;
        } & {
            [key: string]: unknown;
        };
        /** @description A decision in words, for a shopper or an operator. */
        DecisionExplanation: {
            decision: string;
            /** Format: date-time */
            at: string;
            locale: string;
            routes: ({
                route: string;
                /** @enum {string} */
                tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                label: string;
                offered: boolean;
                reasons: components["schemas"]["Reason"][];
                /** @description With every refusal of credit: who decided, and what the payer may ask for. */
                credit?: {
                    lender: string;
                    /** Format: date */
                    decidedOn: string;
                    rights: string;
                    contact?: string;
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[];
            /** @description Other ways to pay that work now, best first. */
            alternatives: ({
                /** @enum {string} */
                tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                route: string;
                label: string;
            } & {
                [key: string]: unknown;
            })[];
        } & {
            [key: string]: unknown;
        };
        /** @description A decision; with scopes `explain` and `creditReasons` the complete record that replays it. */
        DecisionRecord: {
            id: string;
        } & {
            [key: string]: unknown;
        };
        /** @description An empty object. */
        Empty: Record<string, never>;
        /** @description One instalment, in minor units. */
        Instalment: {
            number: number;
            /** Format: date */
            dueDate: string;
            principal: number;
            fee: number;
            total: number;
        } & {
            [key: string]: unknown;
        };
        /** @description One plan of a lender with its whole price. */
        InstalmentPlan: {
            /** @description What a credit payment consents to. */
            quote: string;
            instalments: number;
            schedule: components["schemas"]["Instalment"][];
            feeItems: ({
                code: string;
                payee: string;
                bearer: string;
                timing: string;
                total: number;
            } & {
                [key: string]: unknown;
            })[];
            totalFee: number;
            totalPayable: number;
            /** @description Simple annual rate, 12 times the monthly rate; 0.109 is 10.9 %. */
            annualRateSimple: number;
            /** @description Compound annual rate (IRR). */
            annualRateCompound: number;
            feeRefundable: boolean;
            /** Format: date-time */
            expiresAt: string;
        } & {
            [key: string]: unknown;
        };
        /** @description The limit that the payer wants. */
        LimitRequest: {
            /** @description A credit route; its lender is meant. */
            route: string;
            limit: {
                /** @enum {string} */
                currency: "AED" | "AUD" | "BHD" | "BRL" | "CAD" | "CHF" | "CNY" | "CZK" | "DKK" | "EUR" | "GBP" | "HKD" | "HUF" | "IDR" | "ILS" | "INR" | "JOD" | "JPY" | "KRW" | "KWD" | "MOP" | "MXN" | "MYR" | "NOK" | "NZD" | "OMR" | "PHP" | "PLN" | "RON" | "SAR" | "SEK" | "SGD" | "THB" | "TND" | "TRY" | "TWD" | "USD" | "VND" | "ZAR";
                value: number;
            };
        };
        /** @description An amount in integer minor units (fen, cents). */
        Money: {
            /** @enum {string} */
            currency: "AED" | "AUD" | "BHD" | "BRL" | "CAD" | "CHF" | "CNY" | "CZK" | "DKK" | "EUR" | "GBP" | "HKD" | "HUF" | "IDR" | "ILS" | "INR" | "JOD" | "JPY" | "KRW" | "KWD" | "MOP" | "MXN" | "MYR" | "NOK" | "NZD" | "OMR" | "PHP" | "PLN" | "RON" | "SAR" | "SEK" | "SGD" | "THB" | "TND" | "TRY" | "TWD" | "USD" | "VND" | "ZAR";
            value: number;
        };
        /** @description A capture, void or refund. A pending one keeps its amount reserved. */
        Operation: {
            id: string;
            /** @enum {string} */
            kind: "capture" | "void" | "refund";
            amount: components["schemas"]["Money"];
            /** @enum {string} */
            status: "succeeded" | "failed" | "pending";
            declineCode?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description What to refund; without an amount all that is left. */
        OperationAmount: {
            amount?: components["schemas"]["Money"];
        };
        /** @description What became of an attempt of a decision. */
        Outcome: {
            /** @description Id of the attempt; makes the report exactly-once. */
            attempt: string;
            route: string;
            /** @enum {string} */
            status: "approved" | "authorized" | "declined" | "processing" | "requires_action" | "unknown" | "not_sent" | "voided" | "absent" | "reversed";
            latencyMs: number;
            declineCode?: string;
            /** @enum {string} */
            declineCategory?: "not_sent" | "outcome_unknown" | "upstream_unavailable" | "insufficient_funds" | "limit_exceeded" | "authentication_required" | "credential_invalid" | "instrument_blocked" | "suspected_fraud" | "issuer_declined" | "not_permitted" | "credit_refused" | "funding_unavailable" | "invalid_request";
        };
        /** @description Whether a report was counted. */
        OutcomeReceipt: {
            /** @description False when this attempt was reported before. */
            counted: boolean;
        } & {
            [key: string]: unknown;
        };
        /** @description A payment as it stands, or as it was answered. */
        Payment: {
            id: string;
            /** @enum {string} */
            status: "succeeded" | "authorized" | "pending" | "declined" | "requires_action" | "canceled";
            orderId: string;
            amount: components["schemas"]["Money"];
            route?: string;
            /** @enum {string} */
            tender?: "credit" | "card" | "wallet" | "balance" | "flash_pay";
            attempts: components["schemas"]["Attempt"][];
            decision: string;
            reasons: components["schemas"]["Reason"][];
            explanation: ({
                route: string;
                /** @enum {string} */
                tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                label: string;
                eligible: boolean;
                reasons: components["schemas"]["Reason"][];
            } & {
                [key: string]: unknown;
            })[];
            alternatives?: ({
                /** @enum {string} */
                tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                route: string;
                label: string;
            } & {
                [key: string]: unknown;
            })[];
            nextAction?: {
                /** @enum {string} */
                type: "redirect" | "qr_code" | "app_link" | "form";
                url?: string;
                payload?: string;
                /** Format: date-time */
                expiresAt: string;
            } & {
                [key: string]: unknown;
            };
            /** @description Sum of what was taken, once there are operations. */
            captured?: components["schemas"]["Money"];
            /** @description Sum of what was given back, once there are operations. */
            refunded?: components["schemas"]["Money"];
            operations?: components["schemas"]["Operation"][];
            /** @description In the answer to a capture: what became of it. */
            capture?: components["schemas"]["Operation"];
        } & {
            [key: string]: unknown;
        };
        /** @description What the checkout tells about one payment. */
        PaymentContext: {
            orderId: string;
            amount: components["schemas"]["Money"];
            /** @enum {string} */
            channel: "app" | "web" | "h5" | "mini_program" | "qr_merchant" | "qr_customer" | "nfc";
            payer: {
                id: string;
                locale?: string;
            };
            merchant?: {
                id: string;
                mcc?: string;
            };
            items?: {
                id: string;
                category: string;
                amount: components["schemas"]["Money"];
            }[];
            funding: {
                accept: {
                    /** @enum {string} */
                    tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                    instalments?: number;
                    quote?: string;
                }[];
                /** @enum {string} */
                preference?: "payer_order" | "best_value";
                instruments?: {
                    [key: string]: {
                        token: string;
                        bin?: string;
                        issuer?: string;
                    };
                };
            };
            /** @enum {string} */
            capture?: "automatic" | "manual";
            /** Format: uri */
            returnUrl?: string;
            metadata?: {
                [key: string]: string;
            };
            marginBps?: number;
        };
        /** @description The payments of one order, newest first. */
        Payments: {
            payments: components["schemas"]["Payment"][];
        } & {
            [key: string]: unknown;
        };
        /** @description RFC 9457 problem details. Codes: docs/errors.md. */
        Problem: {
            type: string;
            title: string;
            status: number;
            code: string;
            detail?: string;
            errors?: ({
                pointer: string;
                message: string;
            } & {
                [key: string]: unknown;
            })[];
            payment?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description The ways to pay that a checkout page can show. */
        Quotes: {
            options: ({
                /** @enum {string} */
                tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
                route: string;
                lender?: string;
                available: boolean;
                reasons: components["schemas"]["Reason"][];
                /** @description Terms that are paused for now, whoever asks. */
                suspendedTerms?: number[];
                plans: components["schemas"]["InstalmentPlan"][];
            } & {
                [key: string]: unknown;
            })[];
        } & {
            [key: string]: unknown;
        };
        /** @description Why a way to pay is not offered, and what to do. */
        Reason: {
            /** @description A reason code; see docs/config.md for those that rules may give. */
            code: string;
            /** @description What it is, in the language of the payer. */
            message: string;
            /** @description What the payer can do about it. */
            remedy: string;
        } & {
            [key: string]: unknown;
        };
        /** @description A refund. A pending one keeps its amount reserved. */
        Refund: {
            id: string;
            payment: string;
            orderId: string;
            amount: components["schemas"]["Money"];
            /** @enum {string} */
            status: "succeeded" | "failed" | "pending";
            declineCode?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description The tender that the payer consents to now, in place of everything before. */
        SwitchTender: {
            /** @enum {string} */
            tender: "credit" | "card" | "wallet" | "balance" | "flash_pay";
            instalments?: number;
            quote?: string;
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
    createQuotes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
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
                "application/json": components["schemas"]["PaymentContext"];
            };
        };
        responses: {
            /** @description The options. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Quotes"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createDecision: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
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
                "application/json": components["schemas"]["PaymentContext"];
            };
        };
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decision"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getDecision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the decision. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionRecord"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reportOutcome: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the decision. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "attempt": "attempt-1",
                 *       "route": "card_a",
                 *       "status": "approved",
                 *       "latencyMs": 812
                 *     }
                 */
                "application/json": components["schemas"]["Outcome"];
            };
        };
        responses: {
            /** @description It was reported before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutcomeReceipt"];
                };
            };
            /** @description It was counted. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OutcomeReceipt"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    explainDecision: {
        parameters: {
            query?: {
                /** @description `shopper` (default) or `operator`. */
                audience?: string;
            };
            header?: never;
            path: {
                /** @description Id of the decision. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The explanation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionExplanation"];
                };
            };
            /** @description `invalid_request`: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listPayments: {
        parameters: {
            query: {
                /** @description The order. */
                orderId: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payments. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payments"];
                };
            };
            /** @description `invalid_request`: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createPayment: {
        parameters: {
            query?: never;
            header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
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
                "application/json": components["schemas"]["PaymentContext"];
            };
        };
        responses: {
            /** @description The payment has ended, or waits for the payer. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The outcome is being confirmed; it settles by itself. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
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
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
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
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `idempotency_key_reused`: The Idempotency-Key was used for another request.
             *
             *     `quote_required`: Paying with credit needs an accepted quote.
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `recovering`: Payments wait until a restore is reconciled.
             *
             *     `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPayment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the payment. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    capturePayment: {
        parameters: {
            query?: never;
            header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the payment. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "amount": {
                 *         "currency": "CNY",
                 *         "value": 100000
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["Capture"];
            };
        };
        responses: {
            /** @description The payment. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
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
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `idempotency_key_reused`: The Idempotency-Key was used for another request.
             *
             *     `amount_too_high`: The amount is more than what is left.
             *
             *     `currency_mismatch`: The currency is not that of the payment.
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `recovering`: Payments wait until a restore is reconciled.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelPayment: {
        parameters: {
            query?: never;
            header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the payment. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["Empty"];
            };
        };
        responses: {
            /** @description It is canceled. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description It is being closed. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
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
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency_key_reused`: The Idempotency-Key was used for another request. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `recovering`: Payments wait until a restore is reconciled.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    switchTender: {
        parameters: {
            query?: never;
            header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the payment. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "tender": "card"
                 *     }
                 */
                "application/json": components["schemas"]["SwitchTender"];
            };
        };
        responses: {
            /** @description The payment has ended, or waits for the payer. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            /** @description The old attempt is being closed; it goes on by itself. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
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
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `state_conflict`: The payment is not in a state for this.
             *
             *     `quote_changed`: The quote no longer stands.
             */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `idempotency_key_reused`: The Idempotency-Key was used for another request.
             *
             *     `quote_required`: Paying with credit needs an accepted quote.
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `recovering`: Payments wait until a restore is reconciled.
             *
             *     `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refundPayment: {
        parameters: {
            query?: never;
            header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the payment. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "amount": {
                 *         "currency": "CNY",
                 *         "value": 9900
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["OperationAmount"];
            };
        };
        responses: {
            /** @description The refund has ended. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description Its outcome is not known yet; it settles by itself. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
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
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `idempotency_key_reused`: The Idempotency-Key was used for another request.
             *
             *     `amount_too_high`: The amount is more than what is left.
             *
             *     `currency_mismatch`: The currency is not that of the payment.
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `recovering`: Payments wait until a restore is reconciled.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRefund: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the payment. */
                id: string;
                /** @description Id of the refund. */
                refund: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The refund. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getCreditLine: {
        parameters: {
            query: {
                /** @description A credit route; its lender is meant. */
                route: string;
            };
            header?: never;
            path: {
                /** @description Id of the payer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The line. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreditLine"];
                };
            };
            /** @description `invalid_request`: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeCreditLimit: {
        parameters: {
            query?: never;
            header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the payer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "route": "jd_baitiao",
                 *       "limit": {
                 *         "currency": "CNY",
                 *         "value": 500000
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["LimitRequest"];
            };
        };
        responses: {
            /** @description What came of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreditLineChange"];
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
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `idempotency_key_reused`: The Idempotency-Key was used for another request.
             *
             *     `currency_mismatch`: The currency is not that of the payment.
             */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `facts_unavailable`: The lender cannot be asked right now.
             *
             *     `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    freezeCreditLine: {
        parameters: {
            query?: never;
            header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the payer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreditRoute"];
            };
        };
        responses: {
            /** @description What came of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreditLineChange"];
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
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency_key_reused`: The Idempotency-Key was used for another request. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unfreezeCreditLine: {
        parameters: {
            query?: never;
            header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the payer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreditRoute"];
            };
        };
        responses: {
            /** @description What came of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreditLineChange"];
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
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `idempotency_key_reused`: The Idempotency-Key was used for another request. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setContactPreference: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the payer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContactPreference"];
            };
        };
        responses: {
            /** @description It is set. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContactPreference"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBills: {
        parameters: {
            query: {
                /** @description A credit route; its lender is meant. */
                route: string;
            };
            header?: never;
            path: {
                /** @description Id of the payer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bills. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bills"];
                };
            };
            /** @description `invalid_request`: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reportBill: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the payer. */
                id: string;
                /** @description Id of the bill. */
                bill: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "route": "jd_baitiao",
                 *       "amount": {
                 *         "currency": "CNY",
                 *         "value": 42000
                 *       },
                 *       "dueDate": "2027-01-08"
                 *     }
                 */
                "application/json": components["schemas"]["BillReport"];
            };
        };
        responses: {
            /** @description The bill. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bill"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_bills`: The payer has too many open bills. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tellOfBill: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the payer. */
                id: string;
                /** @description Id of the bill. */
                bill: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "route": "jd_baitiao",
                 *       "kind": "repaid"
                 *     }
                 */
                "application/json": components["schemas"]["CaseEvent"];
            };
        };
        responses: {
            /** @description The bill. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Bill"];
                };
            };
            /**
             * @description `invalid_request`: The request is not valid.
             *
             *     `invalid_json`: The body is not valid JSON.
             *
             *     `card_number_refused`: Card numbers are not accepted.
             */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `state_conflict`: The payment is not in a state for this. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listContacts: {
        parameters: {
            query: {
                /** @description A credit route; its lender is meant. */
                route: string;
                /** @description YYYY-MM-DD; today when absent. */
                day?: string;
            };
            header?: never;
            path: {
                /** @description Id of the payer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The contacts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Contacts"];
                };
            };
            /** @description `invalid_request`: The request is not valid. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `journal_unavailable`: Payments cannot be accepted right now.
             *
             *     `overloaded`: The gateway is at its limit.
             */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    askToContact: {
        parameters: {
            query?: never;
            header: {
                /** @description Keep it until you have a final answer; one key never executes two requests. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the payer. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContactRequest"];
            };
        };
        responses: {
            /** @description It must not be made now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContactAnswer"];
                };
            };
            /** @description It may be made, and is logged. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContactAnswer"];
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
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unauthorized`: The API key is missing or not known. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: The API key lacks a scope. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing here. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `length_required`: A Content-Length header is required. */
            411: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `body_too_large`: The body is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body must be application/json. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `internal_error`: Something went wrong here. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `overloaded`: The gateway is at its limit. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
