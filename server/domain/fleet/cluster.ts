/** `cordoned`: keeps its copies and gets no new ones. `draining`, `deleting`: its copies go. */
export type ClusterState = 'active' | 'cordoned' | 'draining' | 'deleting'
export type Label = { readonly key: string; readonly value: string }

const labelKey = /^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/
const maxLabels = 64
const maxValue = 256

/** Why these cannot be a cluster's labels; undefined when they can. */
export function labelsProblem(labels: readonly Label[]): string | undefined {
  if (labels.length > maxLabels) return `must be at most ${maxLabels}`
  const keys = new Set(labels.map((label) => label.key))
  if (keys.size < labels.length) return 'must not name a key twice'
  if (labels.some((label) => !labelKey.test(label.key)))
    return 'must have keys of 1 to 63 letters, digits, dots, dashes, underscores and slashes'
  return labels.some((label) => label.value.length > maxValue)
    ? `must have values of at most ${maxValue} characters`
    : undefined
}
