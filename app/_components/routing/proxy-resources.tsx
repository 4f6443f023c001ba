import type { ProxyPartsFragment } from '../../../graphql/generated/operations.ts'
import { count } from '../../_lib/format.ts'

const most = 50
const order = { NACKED: 0, PENDING: 1, ACKED: 2 } as const
const words = { NACKED: 'rejected', PENDING: 'waiting', ACKED: 'accepted' } as const
const tones = { NACKED: 'text-warn', PENDING: 'text-accent', ACKED: 'text-ink-2' } as const

/** "type.googleapis.com/envoy.config.route.v3.RouteConfiguration" -> "RouteConfiguration" */
const shortType = (typeUrl: string) => typeUrl.slice(typeUrl.lastIndexOf('.') + 1)

/** What one Envoy was sent, what it rejected first. */
export function ProxyResources({ resources }: { readonly resources: ProxyPartsFragment['resources'] }) {
  const sorted = [...resources].sort((a, b) => order[a.state] - order[b.state] || (a.name < b.name ? -1 : 1))
  if (sorted.length === 0) return <p className="text-ink-2">Nothing was sent to it yet.</p>
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Resource</th>
            <th scope="col">Type</th>
            <th scope="col">Version</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, most).map((resource) => (
            <tr key={`${resource.typeUrl} ${resource.name}`}>
              <td className="mono">{resource.name}</td>
              <td className="text-ink-2">{shortType(resource.typeUrl)}</td>
              <td className="mono text-ink-3">{resource.version.slice(0, 12)}</td>
              <td className={`wrap ${tones[resource.state]}`}>
                {words[resource.state]}
                {resource.error !== null && <span className="text-ink-2">: {resource.error}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > most && <p className="pt-2 text-ink-3">and {count(sorted.length - most)} more</p>}
    </>
  )
}
