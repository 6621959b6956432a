/** Headers of an answer that is for one reader only. */
export const PRIVATE: Readonly<Record<string, string>> = { 'Cache-Control': 'no-store' }
