import type { PolicySourceKind } from '../../../graphql/generated/operations.ts'

const scopes = ['DEFAULT', 'GLOBAL', 'BUCKET'] as const

/** A dot per scope, widest first: the filled one is where the value comes from. */
export function SourceDots({ kind }: { readonly kind: PolicySourceKind }) {
  return (
    <span className="from" aria-hidden="true">
      {scopes.map((scope) => (
        <i key={scope} className={scope === kind ? 'win' : 'no'} />
      ))}
    </span>
  )
}
