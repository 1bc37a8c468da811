// Derived from specs/openapi/topics.json by `npm run api`: do not edit.

export interface paths {
    "/api/topics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["list_topics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/topics/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["get_topic"];
        put?: never;
        post?: never;
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
         * @description What part of life a topic is for.
         * @enum {string}
         */
        Kind: "everyday" | "work" | "interview";
        /**
         * @description How much a learner can follow and say, on the scale of the Common European Framework.
         * @enum {string}
         */
        Level: "A1" | "A2" | "B1" | "B2" | "C1";
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
        /** @description A topic as a learner reads it before starting. */
        Topic: {
            /** @description What the learner will have done at the end. */
            goal: string;
            /** @description The topic. */
            id: components["schemas"]["TopicId"];
            /** @description What part of life it is for. */
            kind: components["schemas"]["Kind"];
            /** @description How much the learner can follow and say. */
            level: components["schemas"]["Level"];
            /**
             * Format: int32
             * @description How long the practice should take.
             */
            minutes: number;
            /** @description Beginnings of sentences to lean on. */
            phrases: string[];
            /** @description Where the learner is to imagine themselves. */
            situation: string;
            /** @description What one does in it, in a sentence. */
            summary: string;
            /** @description What it is called. */
            title: string;
            /**
             * Format: int32
             * @description Raised with every edit.
             */
            version: number;
        };
        /**
         * Format: uuid
         * @description Something that can be practised.
         */
        TopicId: string;
        /** @description A part of the catalogue, by level and title. */
        TopicPage: {
            /** @description Where the next page begins; null at the end. */
            next_cursor: string | null;
            /** @description The topics. */
            topics: components["schemas"]["TopicSummary"][];
        };
        /** @description What a list shows of a topic. */
        TopicSummary: {
            /** @description What the learner will have done at the end. */
            goal: string;
            /** @description The topic. */
            id: components["schemas"]["TopicId"];
            /** @description What part of life it is for. */
            kind: components["schemas"]["Kind"];
            /** @description How much the learner can follow and say. */
            level: components["schemas"]["Level"];
            /**
             * Format: int32
             * @description How long the practice should take.
             */
            minutes: number;
            /** @description What one does in it, in a sentence. */
            summary: string;
            /** @description What it is called. */
            title: string;
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
    list_topics: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the page before, with the same filters. */
                cursor?: string;
                /** @description Of this kind only. */
                kind?: components["schemas"]["Kind"];
                /** @description Of this level only. */
                level?: components["schemas"]["Level"];
                /** @description How many at most. */
                limit?: number;
                /** @description With all these words, in any order. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the catalogue */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopicPage"];
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
    get_topic: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The topic */
                id: components["schemas"]["TopicId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The topic */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Topic"];
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
}
