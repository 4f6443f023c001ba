import type { CallerPartsFragment, ExplainCallQuery, IngressQuery } from '../../../graphql/generated/operations.ts'
import { exampleCaller, proofWords, shownProof } from '../../_lib/callers.ts'
import { oneCallCommand } from '../../_lib/commands.ts'
import { otherHeaders, type TypedCall } from '../../_lib/typed-call.ts'
import { Command } from '../shared/command.tsx'

type Props = {
  readonly call: TypedCall & { readonly caller: string }
  readonly ingress: IngressQuery['ingress']
  readonly explained: Pick<ExplainCallQuery['explainRequest'], 'status' | 'callers'>
  readonly callers: readonly CallerPartsFragment[]
}

/** The line that makes the call, with a proof of who is chosen, if there can be one, or else of somebody who may call. */
export function ThisCall({ call, ingress, explained, callers }: Props) {
  const guard = { names: explained.callers, callers, speaksTls: ingress.speaksTls }
  const chosen = exampleCaller({ ...guard, names: [call.caller] })
  const { kind, words } = chosen
    ? { kind: chosen.kind, words: proofWords(chosen) }
    : shownProof(guard, explained.status === 401)
  return (
    <div className="grid gap-1">
      {words !== '' && <p className="text-ink-2">{words}</p>}
      <Command text={oneCallCommand(ingress, { ...call, headers: otherHeaders(call), proof: kind })} />
    </div>
  )
}
