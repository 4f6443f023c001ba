/** Where a part of the demo is reached. */
export const at = (port: number): string => `http://127.0.0.1:${port}`
