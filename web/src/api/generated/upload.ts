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
    "/api/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins an upload, with its first bytes if they are at hand. */
        post: operations["create_upload"];
        delete?: never;
        /** Says which version of tus is spoken, with which extensions. */
        options: operations["describe_uploads"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does what `X-HTTP-Method-Override` says: PATCH or DELETE. */
        post: operations["overridden_upload"];
        /** Ends an upload that has not all its bytes. What is complete belongs to the recording and is deleted with its session. */
        delete: operations["terminate_upload"];
        options?: never;
        /** Says where an upload goes on. */
        head: operations["find_upload"];
        /** Sends the next bytes. When they break off, what came is kept; with a checksum, all of them count or none. */
        patch: operations["append_to_upload"];
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
    create_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
                /** @description sha1 or sha256 of the body, and Base64 */
                "Upload-Checksum"?: string | null;
                /** @description 1, when that is said later */
                "Upload-Defer-Length"?: string | null;
                /** @description How many bytes it will have, at most 2 GiB */
                "Upload-Length"?: number | null;
                /** @description session (its id), start_ms (where the take begins on the session clock) and filetype, each followed by a space and Base64, separated by commas; anything else is only handed back */
                "Upload-Metadata": string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The first bytes, or nothing */
        requestBody: {
            content: {
                "application/offset+octet-stream": number[];
            };
        };
        responses: {
            /** @description It is awaited */
            201: {
                headers: {
                    /** @description Where its bytes are sent */
                    Location?: string;
                    /** @description Until when it may go on */
                    "Upload-Expires"?: string;
                    /** @description How many are durable */
                    "Upload-Offset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A header cannot be read, or inconsistent-upload-length */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
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
            /** @description recording-exists, or invalid-state when nothing more is to be recorded */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description upload-gone: the session ended more than thirty days ago */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description tus-version: the request speaks another one */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description upload-too-large: more than 2 GiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description The body or the recording is of another type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description checksum-mismatch: nothing was begun */
            460: {
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
    describe_uploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is offered */
            204: {
                headers: {
                    /** @description Algorithms that Upload-Checksum may name */
                    "Tus-Checksum-Algorithm"?: string;
                    /** @description Extensions of the protocol */
                    "Tus-Extension"?: string;
                    /** @description Bytes that one upload may have */
                    "Tus-Max-Size"?: number;
                    /** @description 1.0.0 */
                    "Tus-Version"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    overridden_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
                /** @description PATCH or DELETE; all else is as there */
                "X-HTTP-Method-Override": string;
            };
            path: {
                /** @description The upload */
                id: string;
            };
            cookie?: never;
        };
        /** @description The bytes */
        requestBody: {
            content: {
                "application/offset+octet-stream": number[];
            };
        };
        responses: {
            /** @description It is done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is no method of an upload */
            405: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    terminate_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
            };
            path: {
                /** @description The upload */
                id: string;
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
            /** @description Nobody is signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description The learner has no such upload */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description upload-complete */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description upload-gone: it was ended, or expired */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description tus-version: the request speaks another one */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
        };
    };
    find_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
            };
            path: {
                /** @description The upload */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is known */
            200: {
                headers: {
                    /** @description 1, when that is said later */
                    "Upload-Defer-Length"?: string | null;
                    /** @description Until when it may go on */
                    "Upload-Expires"?: string;
                    /** @description How many bytes it will have */
                    "Upload-Length"?: number | null;
                    /** @description What its sender said of it */
                    "Upload-Metadata"?: string | null;
                    /** @description How many bytes are durable */
                    "Upload-Offset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Nobody is signed in */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The learner has no such upload */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It was ended, or expired */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request speaks another version */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    append_to_upload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
                /** @description sha1 or sha256 of the body, and Base64 */
                "Upload-Checksum"?: string | null;
                /** @description How many bytes it will have, if that was to be said later */
                "Upload-Length"?: number | null;
                /** @description Where the bytes begin: where the upload ends */
                "Upload-Offset": number;
            };
            path: {
                /** @description The upload */
                id: string;
            };
            cookie?: never;
        };
        /** @description The bytes */
        requestBody: {
            content: {
                "application/offset+octet-stream": number[];
            };
        };
        responses: {
            /** @description They are durable */
            204: {
                headers: {
                    /** @description Until when it may go on */
                    "Upload-Expires"?: string;
                    /** @description How many bytes are durable */
                    "Upload-Offset"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A header or the checksum's algorithm cannot be read, upload-exceeds-length or inconsistent-upload-length */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
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
            /** @description The learner has no such upload */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description mismatching-upload-offset with expected-offset and provided-offset, or upload-complete */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description upload-gone: it was ended, or expired */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description tus-version: the request speaks another one */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description upload-too-large: more than 2 GiB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description The body is of another type */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description upload-locked: another request sends it, for two seconds after its last byte */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description checksum-mismatch: none of the bytes counts */
            460: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDocument"];
                };
            };
            /** @description They could not be stored now; they can be sent again */
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
