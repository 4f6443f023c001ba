import { Fragment } from 'react'
import { trailOf, visible } from '../../../_lib/objects.ts'

type Props = { readonly bucket: string; readonly prefix: string; readonly onGo: (prefix: string) => void }

/** Where one is: the bucket and each folder down to here. */
export function Trail({ bucket, prefix, onGo }: Props) {
  if (prefix === '') return <span className="sr-only">All of {bucket}</span>
  const steps = [{ name: bucket, prefix: '' }, ...trailOf(prefix)]
  return (
    <nav className="trail mono" aria-label="Folders">
      {steps.map((step, index) => (
        <Fragment key={step.prefix}>
          {index === 1 && <span className="dim">/</span>}
          {index === steps.length - 1 ? (
            <span aria-current="location">{visible(step.name)}</span>
          ) : (
            <button type="button" className="link" onClick={() => onGo(step.prefix)}>
              {visible(step.name)}
            </button>
          )}
        </Fragment>
      ))}
    </nav>
  )
}
