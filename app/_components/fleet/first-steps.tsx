'use client'
import { useQuery } from 'urql'
import { IngressDocument } from '../../../graphql/generated/operations.ts'
import { anyCallCommand } from '../../_lib/commands.ts'
import { fleetSentence } from '../../_lib/words.ts'
import { ActLink } from '../shared/act-button.tsx'
import { Command } from '../shared/command.tsx'
import { Said } from '../shared/said.tsx'

const empty = { clusters: 0, buckets: 0, wrong: 0, exact: true, moving: 0, attention: 0 }

/** What a fleet without clusters shows: the way to the first call. */
export function FirstSteps() {
  const [{ data }] = useQuery({ query: IngressDocument })
  return (
    <div className="blank">
      <p className="sentence">
        <Said parts={fleetSentence(empty)} />
      </p>
      <ol>
        <li>
          <h2>Add a cluster</h2>
          <p className="text-ink-2">
            A name, its zones, an S3 store and a function platform. FaDO tries the store with a bucket of its own,{' '}
            <code>fado-probe-*</code>, which it removes at once.
          </p>
        </li>
        <li>
          <h2>Create a bucket</h2>
          <p className="text-ink-2">FaDO places its replicas by policy and keeps them equal.</p>
        </li>
        <li>
          <h2>Call a function with the bucket's name</h2>
          <p className="text-ink-2">Envoy sends it to a cluster that holds the data and says which.</p>
          {data && (
            <div className="col-start-2">
              <Command text={anyCallCommand(data.ingress)} />
            </div>
          )}
        </li>
      </ol>
      <div>
        <ActLink className="btn primary" href="/clusters?add=1">
          Add a cluster
        </ActLink>
      </div>
    </div>
  )
}
