// Amazon S3, "General purpose bucket naming rules".
const shape = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const address = /^\d+\.\d+\.\d+\.\d+$/
const probePrefix = 'fado-probe-'
const takenPrefixes = ['xn--', 'sthree-', 'amzn-s3-demo-', probePrefix]
const takenSuffixes = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3', '-an']

/** Why this cannot be a bucket's name; undefined when it can. */
export function bucketNameProblem(name: string): string | undefined {
  if (!shape.test(name))
    return 'must be 3 to 63 lower-case letters, digits, dots and dashes, and begin and end with a letter or digit'
  if (name.includes('..') || name.includes('.-') || name.includes('-.'))
    return 'must not have a dot beside a dot or dash'
  if (address.test(name)) return 'must not look like an IP address'
  const prefix = takenPrefixes.find((text) => name.startsWith(text))
  if (prefix) return `must not begin with ${prefix}`
  const suffix = takenSuffixes.find((text) => name.endsWith(text))
  return suffix ? `must not end with ${suffix}` : undefined
}

/** Of the buckets in which FaDO tries stores, and which it removes at once. */
export const isProbeBucket = (name: string): boolean => name.startsWith(probePrefix)

/** The name of a bucket on a store whose template is e.g. `{bucket}` or `acme-{bucket}`. */
export const bucketNameOn = (template: string, bucket: string): string => template.replaceAll('{bucket}', bucket)
