/**
 * As S3 makes one of an object's bytes: their MD5, or that of its parts' MD5s with their number. With keys of its own a store makes
 * others that look the same.
 */
export const looksLikeDigest = (etag: string): boolean => /^[0-9a-f]{32}(-[1-9]\d{0,4})?$/.test(etag)
