'use client'
import {
  type PausePartsFragment,
  PauseReplicationDocument,
  type ReplicationScopeInput,
  ResumeReplicationDocument,
} from '../../../graphql/generated/operations.ts'
import { say } from '../../_lib/parts.ts'
import { useAct } from '../../_lib/use-act.ts'
import { ActButton } from '../shared/act-button.tsx'
import { Lasting } from '../shared/lasting.tsx'
import { useToast } from '../shared/toasts.tsx'

type Props = {
  readonly scope: ReplicationScopeInput
  readonly paused: boolean
  /** For screen readers and messages: `the link hpc to edge`. */
  readonly of: string
  readonly className?: string
}

/** Stops the copying of a bucket or over a link, or lets it go on. */
export function PauseButton({ scope, paused, of, className = 'btn quiet small' }: Props) {
  const pause = useAct(PauseReplicationDocument)
  const resume = useAct(ResumeReplicationDocument)
  const toast = useToast()
  const act = async () => {
    const done = await (paused ? resume : pause).run({ input: scope })
    if (!done.ok) toast({ parts: say`${done.refusal.message}` })
  }
  return (
    <ActButton className={className} disabled={pause.busy || resume.busy} onClick={act}>
      {paused ? 'Resume' : 'Pause'}
      <span className="sr-only"> {of}</span>
    </ActButton>
  )
}

export const PauseNote = ({ pause }: { readonly pause: PausePartsFragment }) => (
  <span className="text-warn">
    Paused by {pause.by} <Lasting since={pause.since} />
  </span>
)
