import { Field } from '../shared/field.tsx'
import { TextField } from '../shared/text-field.tsx'
import type { SectionProps } from './cluster-fields.tsx'
import { Section } from './section.tsx'
import { usePlatforms } from './use-platforms.ts'

type Props = SectionProps & { readonly note?: string; readonly kindStays?: boolean }

export function FunctionsFields({ draft, onChange, errors, done, note = '', kindStays = false }: Props) {
  const platforms = usePlatforms()
  return (
    <Section title="Functions" note={note} done={done}>
      <div className="grid gap-3 phone:grid-cols-[1fr_2fr_72px]">
        <Field label="Platform" error={errors.at('kind')}>
          {(described) => (
            <select
              {...described}
              className="input w-full"
              value={draft.kind}
              disabled={kindStays}
              onChange={(event) =>
                onChange({ kind: platforms.find((one) => one.kind === event.target.value)?.kind ?? draft.kind })
              }
            >
              {platforms.map(({ kind, title }) => (
                <option key={kind} value={kind}>
                  {title}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField
          label="URL"
          value={draft.url}
          onChange={(url) => onChange({ url })}
          error={errors.at('url')}
          placeholder="http://127.0.0.1:9101"
        />
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
    </Section>
  )
}
