import type { PolicySourceKind } from '../../../graphql/generated/operations.ts'

/** What has a value of its own is a bucket or a cluster. */
const scopes: readonly (readonly PolicySourceKind[])[] = [['DEFAULT'], ['GLOBAL'], ['BUCKET', 'CLUSTER']]

/** A dot per scope, widest first: the filled one is where the value comes from. */
export function SourceDots({ kind }: { readonly kind: PolicySourceKind }) {
  return (
    <span className="from" aria-hidden="true">
      {scopes.map((scope) => (
        <i key={scope.join()} className={scope.includes(kind) ? 'win' : 'no'} />
      ))}
    </span>
  )
}
