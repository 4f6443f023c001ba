export type Result = { readonly rows: readonly Record<string, string | number>[]; readonly notes: readonly string[] }
