// Derived from specs/openapi/upload.json by `npm run api`: do not edit.

export interface paths {
    "/api/sessions/{id}/audio": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Plays a recording, or a range of its bytes. */
        get: operations["get_audio"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}/audio/peaks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How loud each speaker was in every stretch of time. */
        get: operations["get_peaks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{id}/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends the recording of a session. Sent again, the same bytes get the same answer. */
        post: operations["upload_recording"];
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
        /** @description The waveform: how loud each speaker was, from 0 to 255, in every stretch of time. */
        Peaks: {
            /** @description The coach; silent when the recording has one channel. */
            coach: number[];
            /**
             * Format: int32
             * @description How long the recording is.
             */
            duration_ms: number;
            /** @description The learner; both speakers when the recording has one channel. */
            learner: number[];
            /**
             * Format: int32
             * @description How much time one value stands for.
             */
            resolution_ms: number;
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
        /** @description A recording that is safe. */
        Upload: {
            /** @description Where it is played. */
            audio_url: string;
            /**
             * Format: int64
             * @description How many bytes arrived.
             */
            bytes: number;
            /** @description Where its waveform is. */
            peaks_url: string;
            /** @description Their SHA-256 in hexadecimal digits. */
            sha256: string;
            /** @description Whether it is still being made playable everywhere. */
            state: components["schemas"]["UploadState"];
        };
        /**
         * @description How far a recording has come.
         * @enum {string}
         */
        UploadState: "processing" | "ready";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_audio: {
        parameters: {
            query?: {
                /** @description A form that every browser plays. Without it, the recording comes in the container it was recorded in. */
                format?: "mp4";
            };
            header?: never;
            path: {
                /** @description The session */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "audio/mp4": number[];
                    "audio/webm": number[];
                };
            };
            /** @description The range that was asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "audio/mp4": number[];
                    "audio/webm": number[];
                };
            };
            /** @description It is what the caller has */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Nobody is signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description The learner has no such recording */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description range-not-satisfiable: not there, or more than one range */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    get_peaks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The waveform */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Peaks"];
                };
            };
            /** @description Nobody is signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description The learner has no such recording, or it has no waveform */
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
    upload_recording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The session */
                id: string;
            };
            cookie?: never;
        };
        /** @description The recording, at most 2 GiB */
        requestBody: {
            content: {
                "audio/mp4": number[];
                "audio/webm": number[];
            };
        };
        responses: {
            /** @description The same bytes were stored before */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description It is stored */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            /** @description Nobody is signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description The learner has no such session */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description recording-exists, or invalid-state when nothing is to be recorded */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description It is larger than 2 GiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description It is sent as something else, or compressed */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description empty-media, unsupported-media or media-limits-exceeded */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description It could not be stored now; it can be sent again */
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
}
