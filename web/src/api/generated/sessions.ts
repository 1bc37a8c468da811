// Derived from specs/openapi/sessions.json by `npm run api`: do not edit.

export interface paths {
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The learner's sessions, newest first. */
        get: operations["list_sessions"];
        put?: never;
        /**
         * Opens a session on a topic.
         * @description The same key again answers with the session as it was when it was opened. A learner has one open session at a time.
         *     One that goes on with another keeps its lesson, whatever has become of the topic.
         */
        post: operations["start_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A session with transcript, recording and rating. */
        get: operations["get_session"];
        put?: never;
        post?: never;
        /** Deletes a session: it is gone at once, and erased everywhere soon after. */
        delete: operations["delete_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells how the session stands, now and whenever that changes.
         * @description Events are `changed`, with how it stands, and `deleted`, after which nothing follows. A comment every 20 seconds says
         *     that the connection lives.
         */
        get: operations["watch_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Says how a session was, when it is over.
         * @description The first word counts. What is counted of it names neither learner nor session.
         */
        put: operations["take_feedback"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}/finalize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Seals the transcript and ends the session.
         * @description Whoever asks for the same, under this or another key, gets the same answer: the session as sealing it left it. Times
         *     that make no sense are mended (`warnings` says `times_clamped`); words that were saved before and are missing are kept.
         *     A session that was sealed because nobody came back to it is finalized with other words, whatever they are.
         */
        post: operations["finalize_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Says that the learner is still there.
         * @description A session of which nothing is heard for ten minutes, neither this nor words, is sealed with what was saved of it
         *     (`end_reason` is `interrupted`).
         */
        post: operations["heartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}/rating": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks for another rating, after a failure or on request. */
        post: operations["rate_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}/transcript": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Saves the words so far. */
        put: operations["save_transcript"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/telemetry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes what a page measured.
         * @description What is kept of it are counts, which name neither learner nor session, and the wait in the trace of its practice.
         */
        post: operations["take_measurements"];
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
        /** @description A call as it is kept. */
        Call: {
            /**
             * Format: int32
             * @description When it was lost or ended; `null` while it lasts.
             */
            end_ms: number | null;
            /**
             * Format: int32
             * @description Which of the session's calls it is, counted from 0.
             */
            number: number;
            /**
             * Format: int32
             * @description When it was connected, in milliseconds on the session clock.
             */
            start_ms: number;
        };
        /**
         * @description Why a session ended.
         * @enum {string}
         */
        EndReason: "learner" | "coach" | "time_limit" | "connection_lost" | "microphone_lost" | "interrupted";
        /** @description A stretch of the session that shows a finding. */
        Evidence: {
            /** Format: int32 */
            end_ms: number;
            /** Format: int32 */
            start_ms: number;
        };
        /**
         * @description How a session was, as its learner says.
         * @enum {string}
         */
        Feedback: "good" | "fair" | "poor";
        /** @description How a conversation ended. */
        FinalizeSession: {
            /** @description All calls, in the order of their numbers; those that were saved before are kept in any case. */
            calls?: components["schemas"]["NewCall"][] | null;
            /**
             * Format: int32
             * @description How long it was.
             */
            duration_ms: number;
            /** @description Why it ended. */
            end_reason: components["schemas"]["StatedReason"];
            /** @description All turns, in the order in which they were said. */
            turns: components["schemas"]["NewTurn"][];
        };
        /** @description One measured or judged fact. */
        Finding: {
            /** @description What it means, in words a learner understands. */
            definition: string;
            evidence: components["schemas"]["Evidence"][];
            /** @description Its stable name. */
            metric: string;
            /** @description Why there is no value, when there is none. */
            not_measured: string | null;
            /** @description `audio`, `words` or `model`. */
            source: string;
            /** @description `learner`, `coach` or `session`. */
            subject: string;
            unit: string;
            /** Format: double */
            value: number | null;
        };
        /**
         * @description What a page may measure.
         * @enum {string}
         */
        Measure: "first_sound" | "reply" | "reconnect" | "playback_start" | "largest_contentful_paint" | "interaction_to_next_paint" | "cumulative_layout_shift";
        /** @description One measurement. */
        Measurement: {
            /** @description What was measured. */
            measure: components["schemas"]["Measure"];
            /** @description Where the wait is to be seen, if it belongs to a practice. */
            place?: components["schemas"]["Place"];
            /**
             * Format: double
             * @description Milliseconds; of a layout shift, its score.
             */
            value: number;
        };
        /** @description A call as it is sent. */
        NewCall: {
            /**
             * Format: int32
             * @description When it was lost or ended; `null` while it lasts.
             */
            end_ms: number | null;
            /**
             * Format: int32
             * @description Which of the session's calls it is, counted from 0.
             */
            number: number;
            /**
             * Format: int32
             * @description When it was connected, in milliseconds on the session clock.
             */
            start_ms: number;
        };
        /** @description A turn as it is sent. */
        NewTurn: {
            /**
             * Format: int32
             * @description In which of the session's calls it was said, counted from 0.
             */
            call: number;
            /**
             * Format: int32
             * @description Milliseconds on the session clock.
             */
            end_ms: number;
            /** @description The provider's identifier of it. */
            item_id: string;
            /** @description Who spoke. */
            speaker: components["schemas"]["Speaker"];
            /**
             * Format: int32
             * @description Milliseconds on the session clock.
             */
            start_ms: number;
            /** @description How whole they are. */
            state: components["schemas"]["TurnState"];
            /** @description Its words, if they are known. */
            text?: string | null;
        };
        /** @description Where in the trace of a practice a learner waited. */
        Place: {
            /**
             * Format: int32
             * @description How many milliseconds ago the wait was over.
             */
            ended_ms_ago: number;
            /** @description What the session says of itself. */
            traceparent: string;
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
        /** @description How the rating stands. */
        Rating: {
            /** @description Those of the newest finished rating, also while another one is awaited. */
            findings: components["schemas"]["Finding"][];
            /**
             * Format: date-time
             * @description When the shown findings were made.
             */
            rated_at: string | null;
            /** @description Why the newest one failed, as a slug. */
            reason: string | null;
            /**
             * Format: int32
             * @description 0 until there was one.
             */
            revision: number;
            state: components["schemas"]["RatingState"];
        };
        /**
         * @description How the rating of a session stands.
         * @enum {string}
         */
        RatingState: "none" | "waiting" | "ready" | "failed";
        /** @description How the recording stands. */
        Recording: {
            audio_url: string | null;
            channel_layout: string | null;
            /** Format: int32 */
            duration_ms: number | null;
            media_type: string | null;
            peaks_url: string | null;
            /**
             * Format: int32
             * @description 0 until there is one.
             */
            revision: number;
            state: components["schemas"]["RecordingState"];
            warnings: string[];
        };
        /**
         * @description Whether the learner wants a recording to be kept.
         * @enum {string}
         */
        RecordingPolicy: "keep" | "never";
        /**
         * @description How the recording of a session stands.
         * @enum {string}
         */
        RecordingState: "none" | "expected" | "ready";
        /** @description What is saved. */
        SavedTranscript: {
            /**
             * Format: int32
             * @description The revision it is saved under.
             */
            revision: number;
        };
        /** @description The words so far. */
        SaveTranscript: {
            /** @description All calls so far, in the order of their numbers. Without them those that are known stay. */
            calls?: components["schemas"]["NewCall"][] | null;
            /**
             * Format: int32
             * @description Higher than that of all words saved before.
             */
            revision: number;
            /** @description All turns so far, in the order in which they were said. */
            turns: components["schemas"]["NewTurn"][];
        };
        /** @description A session with everything that is known of it. */
        Session: {
            continued_by: components["schemas"]["SessionId"] | null;
            continues: components["schemas"]["SessionId"] | null;
            /** Format: int32 */
            duration_ms: number | null;
            end_reason: components["schemas"]["EndReason"] | null;
            /** Format: date-time */
            ended_at: string | null;
            id: components["schemas"]["SessionId"];
            /** @description How speech arrives: `conversation` so far. */
            mode: string;
            rating: components["schemas"]["Rating"];
            recording: components["schemas"]["Recording"];
            recording_policy: components["schemas"]["RecordingPolicy"];
            /** Format: date-time */
            started_at: string;
            state: components["schemas"]["SessionState"];
            topic: components["schemas"]["SessionTopic"];
            /** @description The session's place in its own trace: sent back as the `traceparent` header of whatever concerns it. */
            traceparent: string | null;
            transcript: components["schemas"]["Transcript"];
            /** @description What was not as it should be, as slugs such as `times_clamped`. */
            warnings: string[];
        };
        /** @description How a session stands: the data of the event `changed`. */
        SessionChanged: {
            rating_state: components["schemas"]["RatingState"];
            recording_state: components["schemas"]["RecordingState"];
            state: components["schemas"]["SessionState"];
        };
        /**
         * Format: uuid
         * @description One practice: everything said, recorded and rated hangs off it.
         */
        SessionId: string;
        /** @description A page of the history. */
        SessionList: {
            /** @description Leads to older sessions, if there are any. */
            next_cursor: string | null;
            /** @description Newest first. */
            sessions: components["schemas"]["SessionSummary"][];
        };
        /**
         * @description Whether a session is over.
         * @enum {string}
         */
        SessionState: "open" | "finalized";
        /** @description A session in the history. */
        SessionSummary: {
            /** Format: int32 */
            duration_ms: number | null;
            end_reason: components["schemas"]["EndReason"] | null;
            /** Format: date-time */
            ended_at: string | null;
            id: components["schemas"]["SessionId"];
            rating_state: components["schemas"]["RatingState"];
            recording_state: components["schemas"]["RecordingState"];
            /** Format: date-time */
            started_at: string;
            state: components["schemas"]["SessionState"];
            topic: components["schemas"]["SessionSummaryTopic"];
        };
        /** @description What was practised, in short. */
        SessionSummaryTopic: {
            id: components["schemas"]["TopicId"];
            kind: string;
            level: string;
            title: string;
        };
        /** @description What was practised, as it was when the session began. */
        SessionTopic: {
            id: components["schemas"]["TopicId"];
            kind: string;
            level: string;
            /** Format: int32 */
            minutes: number;
            phrases: string[];
            situation: string;
            title: string;
        };
        /**
         * @description Who spoke.
         * @enum {string}
         */
        Speaker: "learner" | "coach";
        /** @description What a learner wants to practise, and how. */
        StartSession: {
            continues?: components["schemas"]["SessionId"] | null;
            /** @description Whether a recording is to be kept. */
            recording_policy: components["schemas"]["RecordingPolicy"];
            /** @description The topic. */
            topic_id: components["schemas"]["TopicId"];
        };
        /**
         * @description Why a browser ends a session. That nobody comes back is nothing a browser can say.
         * @enum {string}
         */
        StatedReason: "learner" | "coach" | "time_limit" | "connection_lost" | "microphone_lost";
        /** @description How a session was. */
        TakeFeedback: {
            /** @description In the learner's own view. */
            feedback: components["schemas"]["Feedback"];
        };
        /** @description What a page has measured since it last said so. */
        TakeMeasurements: {
            /** @description At most 32. */
            measurements: components["schemas"]["Measurement"][];
        };
        /**
         * Format: uuid
         * @description Something that can be practised.
         */
        TopicId: string;
        /** @description What was said. */
        Transcript: {
            /** @description Whether words may differ from what was said. */
            approximate: boolean;
            /** @description The calls they were said in; between two of them nobody could be heard. */
            calls: components["schemas"]["Call"][];
            /** @description Whether it is sealed. */
            final: boolean;
            /**
             * Format: int32
             * @description 0 while nothing is saved.
             */
            revision: number;
            /** @description Who wrote it down: `live` so far. */
            source: string;
            turns: components["schemas"]["Turn"][];
        };
        /** @description A turn as it is kept. */
        Turn: {
            /**
             * Format: int32
             * @description In which of the session's calls it was said, counted from 0.
             */
            call: number;
            /**
             * Format: int32
             * @description Milliseconds on the session clock.
             */
            end_ms: number;
            /** @description The provider's identifier of it. */
            item_id: string;
            /** @description Who spoke. */
            speaker: components["schemas"]["Speaker"];
            /**
             * Format: int32
             * @description Milliseconds on the session clock.
             */
            start_ms: number;
            /** @description How whole they are. */
            state: components["schemas"]["TurnState"];
            /** @description Its words, if they are known. */
            text: string | null;
        };
        /**
         * @description How whole the words of a turn are.
         * @enum {string}
         */
        TurnState: "complete" | "truncated" | "not_transcribed";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_sessions: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before. */
                cursor?: string;
                /** @description How many sessions at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description `invalid-cursor` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
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
            /** @description `validation-failed` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    start_session: {
        parameters: {
            query?: never;
            header: {
                /** @description 1 to 255 printable ASCII characters */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartSession"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `malformed-request`, `idempotency-key-missing` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
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
            /** @description `not-found`: there is no session to go on with */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `session-already-open` with `session_id`, `request-in-progress` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `validation-failed`, `topic-not-offered`, `idempotency-key-reused` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `service-unavailable` */
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
    get_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session */
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
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
            /** @description `not-found`: there is none, it is deleted, or it is somebody else's */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    delete_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session */
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    watch_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session */
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["SessionChanged"];
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
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    take_feedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session */
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeFeedback"];
            };
        };
        responses: {
            /** @description It is noted, now or before */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed-request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
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
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `invalid-state`: it is still open */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
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
        };
    };
    finalize_session: {
        parameters: {
            query?: never;
            header: {
                /** @description 1 to 255 printable ASCII characters */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The session */
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FinalizeSession"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `malformed-request`, `idempotency-key-missing` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
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
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `already-finalized` with the sealed `revision`, `request-in-progress` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `validation-failed`, `idempotency-key-reused` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    heartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session */
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It stays open */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
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
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `invalid-state`: it is over */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    rate_session: {
        parameters: {
            query?: never;
            header: {
                /** @description 1 to 255 printable ASCII characters */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The session */
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description `malformed-request`, `idempotency-key-missing` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
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
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `invalid-state`: it is still open; `request-in-progress` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `idempotency-key-reused` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    save_transcript: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session */
                id: components["schemas"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SaveTranscript"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SavedTranscript"];
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
            /** @description `not-found` */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `transcript-finalized`; `stale-revision` with the saved `revision` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
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
        };
    };
    take_measurements: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeMeasurements"];
            };
        };
        responses: {
            /** @description They are counted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `malformed-request` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
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
            /** @description `validation-failed`: none of them is counted */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description `too-many-requests`, from the edge */
            429: {
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
