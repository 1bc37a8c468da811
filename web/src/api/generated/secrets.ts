// Derived from specs/openapi/secrets.json by `npm run api`: do not edit.

export interface paths {
    "/api/realtime/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the key to the next call of a session
         * @description Ask right before dialling: the key opens one call and lives for a minute. The first call of a session and the
         *     calls that follow a lost connection have limits of their own.
         */
        post: operations["mint_client_secret"];
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
        /**
         * @description All a browser needs for one call. Not to be kept: each call has its own.
         * @example {
         *       "calls_url": "/v1/realtime/calls",
         *       "client_secret": "ek_7c41d0aa52e94be6",
         *       "exchange": "direct",
         *       "expires_at": "2026-11-21T12:01:00Z",
         *       "ice_servers": [],
         *       "max_duration_s": 360,
         *       "model": "gpt-realtime-2.1-mini",
         *       "provider": "coach"
         *     }
         */
        ClientSecretView: {
            /** @description Where the offer is posted: a URL, or a path at our own origin. */
            calls_url: string;
            /** @description The key to one call. */
            client_secret: string;
            /** @description How the call is made. */
            exchange: components["schemas"]["ExchangeView"];
            /**
             * Format: date-time
             * @description When a call can no longer be opened with it. A running call goes on.
             */
            expires_at: string;
            /** @description Servers that help to connect; none where the provider needs none. */
            ice_servers: components["schemas"]["IceServer"][];
            /**
             * Format: int64
             * @description After so many seconds the practice should come to its end.
             */
            max_duration_s: number;
            /** @description The model that talks. */
            model: string;
            /** @description Who answers. */
            provider: components["schemas"]["Kind"];
        };
        /**
         * @description How the browser and the provider come together. Others may follow.
         * @enum {string}
         */
        ExchangeView: "direct";
        /** @description A server that helps two parties to find a way to each other. */
        IceServer: {
            /** @description Its addresses. */
            urls: string[];
        };
        /**
         * @description Which provider.
         * @enum {string}
         */
        Kind: "coach" | "openai";
        /**
         * @description The session that is about to be practised.
         * @example {
         *       "session_id": "01936c2e-5f1b-7a40-9c1e-2b7d8f3a6e10"
         *     }
         */
        MintClientSecret: {
            /** @description The open session. */
            session_id: components["schemas"]["SessionId"];
        };
        /** @description The document as the OpenAPI descriptions show it. */
        ProblemDocument: {
            /** @description What was wrong with this very request, where that can be said. */
            detail?: string | null;
            /** @description The trace id of the request. */
            instance?: string | null;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description The kind of problem in a few words. */
            title: string;
            /** @description `/problems/<slug>`: stable, to be matched on. */
            type: string;
        };
        /**
         * Format: uuid
         * @description One practice: everything said, recorded and rated hangs off it.
         */
        SessionId: string;
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    mint_client_secret: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MintClientSecret"];
            };
        };
        responses: {
            /** @description The key, with all that is needed to dial */
            200: {
                headers: {
                    /** @description Always `no-store` */
                    "Cache-Control"?: string;
                    /** @description How much of them is left */
                    RateLimit?: string;
                    /** @description The limits that apply */
                    "RateLimit-Policy"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientSecretView"];
                };
            };
            /** @description `unauthenticated` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `not-found`: no such session of this learner */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "instance": "4bf92f3577b34da6a3ce929d0e0e4736",
                     *       "status": 404,
                     *       "title": "There is nothing here",
                     *       "type": "/problems/not-found"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `invalid-state`: the session is finalized */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "The session is finalized",
                     *       "instance": "4bf92f3577b34da6a3ce929d0e0e4736",
                     *       "status": 409,
                     *       "title": "This is not possible in the present state",
                     *       "type": "/problems/invalid-state"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `validation-failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `quota-exceeded`: `violated_policies` names `first-calls`, `re-dials` or `daily-minutes` */
            429: {
                headers: {
                    /** @description What is left of it */
                    RateLimit?: string;
                    /** @description The limit that was reached */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds until there is more */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "The minutes of this day are used up",
                     *       "instance": "4bf92f3577b34da6a3ce929d0e0e4736",
                     *       "status": 429,
                     *       "title": "The limit is reached",
                     *       "type": "/problems/quota-exceeded",
                     *       "violated_policies": [
                     *         "daily-minutes"
                     *       ]
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `provider-refused`: an operator must look at the key or the models */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `provider-unavailable`, `provider-busy` or `service-unavailable`: come back after `Retry-After` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `provider-timeout` */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
}
