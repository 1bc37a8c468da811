// Derived from specs/openapi/secrets.json by `npm run api`: do not edit.

export interface paths {
    "/api/realtime/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open the call that a key is for
         * @description The offer, as the browser made it, with the key that `POST /api/realtime/session` gave as its bearer token. A key
         *     is good for one attempt. A session has one call at a time: a new one replaces the one before, which is hung up.
         */
        post: operations["open_call"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/realtime/minutes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * See how much of the day is left
         * @description Asking takes nothing. A call that goes on uses up minutes while it does.
         */
        get: operations["get_minutes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
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
         *       "calls_url": "/api/realtime/calls",
         *       "client_secret": "vk_TPFQd5uG4Hn0cY9xZfmB2LJwqk7R1aVse8iUOtCzD6M",
         *       "exchange": "relay",
         *       "expires_at": "2026-11-21T12:01:00Z",
         *       "ice_servers": [],
         *       "max_duration_s": 360,
         *       "minutes_left_today": 118,
         *       "model": "gpt-realtime-2.1-mini",
         *       "provider": "coach"
         *     }
         */
        ClientSecretView: {
            /** @description Where the offer is posted, with the key as its bearer token: a URL, or a path at our own origin. */
            calls_url: string;
            /** @description The key to one call. */
            client_secret: string;
            /** @description How the call is made. */
            exchange: components["schemas"]["Exchange"];
            /**
             * Format: date-time
             * @description When a call can no longer be opened with it. A running call goes on.
             */
            expires_at: string;
            /** @description Servers that help to connect; none where the provider needs none. */
            ice_servers: components["schemas"]["IceServer"][];
            /**
             * Format: int64
             * @description What is left for this call: after so many seconds it is hung up, or should be where we cannot.
             */
            max_duration_s: number;
            /**
             * Format: int64
             * @description Whole minutes that are left of the learner's day.
             */
            minutes_left_today: number;
            /** @description The model that talks. */
            model: string;
            /** @description Who answers. */
            provider: components["schemas"]["Kind"];
        };
        /**
         * @description Which way an offer goes.
         * @enum {string}
         */
        Exchange: "relay" | "direct";
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
         *       "pace": {
         *         "patience": "patient",
         *         "push_to_talk": false,
         *         "speed": 1
         *       },
         *       "session_id": "01936c2e-5f1b-7a40-9c1e-2b7d8f3a6e10"
         *     }
         */
        MintClientSecret: {
            pace?: components["schemas"]["Pace"] | null;
            /** @description The open session. */
            session_id: components["schemas"]["SessionId"];
        };
        /**
         * @description What is left of a learner's day.
         * @example {
         *       "minutes_left_today": 118,
         *       "new_minutes_at": "2026-11-22T00:00:00Z"
         *     }
         */
        MinutesView: {
            /**
             * Format: int64
             * @description Whole minutes that are left of the learner's day. With none of them no practice can be begun.
             */
            minutes_left_today: number;
            /**
             * Format: date-time
             * @description When the next day begins, and with it new minutes.
             */
            new_minutes_at: string;
        };
        /**
         * @description How the conversation goes for one call.
         * @example {
         *       "patience": "patient",
         *       "push_to_talk": false,
         *       "speed": 1
         *     }
         */
        Pace: {
            /** @description How long a silence may be before the coach answers. */
            patience?: components["schemas"]["Patience"];
            /** @description Whether the learner says when a turn is over; silence then means nothing. */
            push_to_talk?: boolean;
            /**
             * Format: float
             * @description How much faster than usual for the level of the lesson the coach speaks, from 0.7 to 1.3; absent means as usual.
             */
            speed?: number | null;
        };
        /**
         * @description How long a silence may be.
         * @enum {string}
         */
        Patience: "quick" | "normal" | "patient";
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
    open_call: {
        parameters: {
            query?: never;
            header: {
                /** @description `Bearer` and the key */
                Authorization: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The offer, at most 64 KiB of it */
        requestBody: {
            content: {
                /**
                 * @example v=0
                 *     o=- 4611731400430051336 2 IN IP4 127.0.0.1
                 *     s=-
                 *     t=0 0
                 */
                "application/sdp": string;
            };
        };
        responses: {
            /** @description The provider's answer */
            201: {
                headers: {
                    /** @description Always `no-store` */
                    "Cache-Control"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/sdp": string;
                };
            };
            /** @description `malformed-request`: the body is no offer; the key stays good */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `unauthenticated`, or `secret-refused`: the key is unknown, was used, has run out, or was given to another login */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "instance": "4bf92f3577b34da6a3ce929d0e0e4736",
                     *       "status": 401,
                     *       "title": "This key opens no call",
                     *       "type": "/problems/secret-refused"
                     *     }
                     */
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `not-found`: the session was deleted */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `invalid-state`: the session is finalized, or has a newer call */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `content-too-large`: more than 64 KiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `unsupported-media-type`: not `application/sdp` */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `validation-failed`: no call can be made of this offer */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `quota-exceeded`: the minutes of the day or of the session are used up */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
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
            /** @description `provider-unavailable`, `provider-busy` or `service-unavailable`: come back with another key after `Retry-After` */
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
    get_minutes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is left */
            200: {
                headers: {
                    /** @description Always `no-store` */
                    "Cache-Control"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MinutesView"];
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
            /** @description `service-unavailable`: come back after `Retry-After` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
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
