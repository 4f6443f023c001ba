'use client'
import { useState } from 'react'
import type {
  BucketPartsFragment,
  ClusterPartsFragment,
  PolicyPartsFragment,
} from '../../../graphql/generated/operations.ts'
import { policyText } from '../../_lib/policy-values.ts'
import { PolicyForm } from '../policies/policy-form.tsx'
import { SourceDots } from '../policies/source-dots.tsx'
import { Icon } from '../shared/icon.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { storesOf, zonesOf } from '../shared/use-fleet.ts'

/** What only the fleet as a whole has is not edited here. */
const globalOnly = new Set(['lb_match_header'])

type Props = { readonly bucket: BucketPartsFragment; readonly clusters: readonly ClusterPartsFragment[] }

/** The policies in force for a bucket, where each comes from, and its own values to edit. */
export function BucketPolicies({ bucket, clusters }: Props) {
  const [editing, setEditing] = useState<string>()
  return (
    <section className="order-3" aria-labelledby="h-policies">
      <header>
        <h2 id="h-policies">Policies</h2>
        <span className="dim">the filled dot wins: default, global, bucket</span>
      </header>
      <ScrollTable label="Policies">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Policy</th>
              <th scope="col">Value in force</th>
              <th scope="col">Comes from</th>
              <th scope="col">
                <span className="sr-only">Edit</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {bucket.policies.map((policy) =>
              policy.name === editing ? (
                <tr className="editing" key={policy.name}>
                  <td className="mono">{policy.name}</td>
                  <td colSpan={3}>
                    <PolicyForm
                      policy={policy}
                      scope={{ bucket: bucket.name }}
                      expectedVersion={bucket.version}
                      isSet={policy.source.kind === 'BUCKET'}
                      unsetWords="unset: use the fleet's value"
                      zones={zonesOf(clusters)}
                      stores={storesOf(clusters)}
                      onDone={() => setEditing(undefined)}
                    />
                  </td>
                </tr>
              ) : (
                <PolicyRow key={policy.name} policy={policy} onEdit={() => setEditing(policy.name)} />
              ),
            )}
          </tbody>
        </table>
      </ScrollTable>
    </section>
  )
}

function PolicyRow({ policy, onEdit }: { readonly policy: PolicyPartsFragment; readonly onEdit: () => void }) {
  return (
    <tr>
      <td className="mono">{policy.name}</td>
      <td className="mono">{policyText(policy.name, policy.value)}</td>
      <td>
        <SourceDots kind={policy.source.kind} />
        <span className="dim">{policy.source.kind.toLowerCase()}</span>
      </td>
      <td className="num">
        {!globalOnly.has(policy.name) && (
          <button type="button" className="btn quiet small" aria-label={`Edit ${policy.name}`} onClick={onEdit}>
            <Icon name="edit" />
            Edit
          </button>
        )}
      </td>
    </tr>
  )
}
