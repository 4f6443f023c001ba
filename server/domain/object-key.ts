/** Of S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const maxBytes = 1024

/** Whether an object can have this key: 1 to 1024 bytes of UTF-8, without NUL, which neither XML nor PostgreSQL can hold. */
export const isObjectKey = (key: string): boolean =>
  key !== '' && !key.includes('\0') && key.isWellFormed() && new TextEncoder().encode(key).length <= maxBytes
