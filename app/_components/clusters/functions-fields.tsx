import type { FaasPayload, TakenCalls } from '../../../graphql/generated/operations.ts'
import { isTls, ofPlatform, type Platform } from '../../_lib/functions-draft.ts'
import { callSentence, mayTakeGrpc, payloadWords, takesWords, usualTemplate } from '../../_lib/functions-words.ts'
import { Field } from '../shared/field.tsx'
import { NamesInput } from '../shared/names-input.tsx'
import { Said } from '../shared/said.tsx'
import { TextField } from '../shared/text-field.tsx'
import { FunctionsAuthFields } from './functions-auth-fields.tsx'
import type { FunctionsPart, OfPlatform } from './functions-part.ts'
import { FunctionsTlsFields } from './functions-tls-fields.tsx'
import { Section } from './section.tsx'
import { usePlatforms } from './use-platforms.ts'

type Props = FunctionsPart & { readonly done: boolean; readonly note?: string }

/** Each platform asks for what it needs only. */
export function FunctionsFields({ done, note = '', ...part }: Props) {
  const platforms = usePlatforms()
  const platform = platforms.find(({ kind }) => kind === part.draft.kind)
  return (
    <Section title="Functions" note={note} done={done}>
      <PlaceFields {...part} platforms={platforms} platform={platform} />
      {platform && <CallFields {...part} platform={platform} />}
      {platform && <FunctionsAuthFields {...part} platform={platform} />}
      {isTls(part.draft) && <FunctionsTlsFields {...part} />}
    </Section>
  )
}

type PlaceProps = FunctionsPart & {
  readonly platforms: readonly Platform[]
  readonly platform: Platform | undefined
}

function PlaceFields({ draft, onChange, errors, before, platforms, platform }: PlaceProps) {
  return (
    <>
      <div className="grid gap-3 phone:grid-cols-[1fr_72px]">
        <Field label="Platform" error={errors.at('kind')}>
          {(described) => (
            <select
              {...described}
              className="input w-full"
              value={draft.kind}
              disabled={before !== undefined}
              onChange={(event) => {
                const chosen = platforms.find((one) => one.kind === event.target.value)
                if (chosen) onChange(ofPlatform(chosen))
              }}
            >
              {platforms.map(({ kind, title }) => (
                <option key={kind} value={kind}>
                  {title}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Weight" error={errors.at('weight')}>
          {(described) => (
            <input
              {...described}
              className="input w-full"
              type="number"
              min={1}
              max={128}
              value={draft.weight}
              onChange={(event) => onChange({ weight: event.target.value })}
            />
          )}
        </Field>
      </div>
      <TextField
        label="URL"
        value={draft.url}
        onChange={(url) => onChange({ url })}
        error={errors.at('url')}
        placeholder={platform?.exampleUrl ?? ''}
      />
    </>
  )
}

function CallFields({ draft, onChange, errors, platform }: OfPlatform) {
  return (
    <>
      <p className="note plain">
        <span className="col-span-2">
          {platform.description} <Said parts={callSentence(draft, platform)} />
        </span>
      </p>
      {platform.payloads.length > 1 && (
        <Field label="Handed over" error={errors.at('payload')} hint="What the function gets.">
          {(described) => (
            <select
              {...described}
              className="input w-full"
              value={draft.payload ?? ''}
              onChange={(event) => onChange({ payload: payloadOf(event.target.value) })}
            >
              <option value="">As its URL needs it</option>
              {platform.payloads.map((payload) => (
                <option key={payload} value={payload}>
                  {payloadWords[payload]}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {mayTakeGrpc(draft, platform) && <TakesField draft={draft} onChange={onChange} errors={errors} />}
      <TextField
        label="Path template"
        value={draft.pathTemplate}
        onChange={(pathTemplate) => onChange({ pathTemplate })}
        error={errors.at('pathTemplate')}
        placeholder={usualTemplate(draft, platform)}
        hint="{name} is the function, {rest} the path after it; //host first sets the host. Empty: as above."
      />
      <Field
        label="Functions there"
        error={errors.at('functions')}
        hint="Calls of others do not go there. None named: those that it lists, or any."
      >
        {(described) => (
          <NamesInput
            initial={draft.functions}
            onChange={(functions) => onChange({ functions })}
            known={[]}
            placeholder="Add a function"
            described={described}
          />
        )}
      </Field>
    </>
  )
}

const payloadOf = (text: string): FaasPayload | null => (text === '' ? null : (text as FaasPayload))

function TakesField({ draft, onChange, errors }: Pick<FunctionsPart, 'draft' | 'onChange' | 'errors'>) {
  return (
    <Field
      label="Calls it takes"
      error={errors.at('takes')}
      hint="gRPC goes there over HTTP/2, all else over HTTP/1.1."
    >
      {(described) => (
        <select
          {...described}
          className="input w-full"
          value={draft.takes}
          onChange={(event) => onChange({ takes: event.target.value as TakenCalls })}
        >
          {Object.entries(takesWords).map(([takes, words]) => (
            <option key={takes} value={takes}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
