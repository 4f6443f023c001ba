'use client'
import type { PolicyDefinitionsQuery, PolicyPartsFragment } from '../../../graphql/generated/operations.ts'
import { policyText, scopeWords } from '../../_lib/policy-values.ts'
import { sentence } from '../../_lib/words.ts'
import { Icon } from '../shared/icon.tsx'
import { PolicyForm } from './policy-form.tsx'
import { SourceDots } from './source-dots.tsx'

type Props = {
  readonly definition: PolicyDefinitionsQuery['policies'][number]
  readonly value: PolicyPartsFragment
  readonly editing: boolean
  readonly onEdit: (name: string | undefined) => void
  readonly zones: readonly string[]
  readonly stores: readonly string[]
}

export function GlobalPolicyRow({ definition, value, editing, onEdit, zones, stores }: Props) {
  const { name, description } = definition
  return (
    <>
      <tr className={editing ? 'editing has-why' : 'has-why'}>
        <td className="mono">{name}</td>
        {editing ? (
          <td colSpan={4}>
            <PolicyForm
              policy={value}
              scope={{ global: true }}
              isSet={value.source.kind === 'GLOBAL'}
              unsetWords={`unset: use the default, ${policyText(name, definition.default)}`}
              zones={zones}
              stores={stores}
              onDone={() => onEdit(undefined)}
            />
          </td>
        ) : (
          <>
            <td className="mono">{policyText(name, value.value)}</td>
            <td>
              <SourceDots kind={value.source.kind} />
              <span className="dim">{value.source.kind.toLowerCase()}</span>
            </td>
            <td className="text-ink-2">{scopeWords(definition.scopes)}</td>
            <td className="num">
              <button
                type="button"
                className="btn quiet small"
                aria-label={`Edit ${name}`}
                onClick={() => onEdit(name)}
              >
                <Icon name="edit" />
                Edit
              </button>
            </td>
          </>
        )}
      </tr>
      <tr className={editing ? 'editing why' : 'why'}>
        <td colSpan={5} className="dim">
          {sentence(description)} {sentence(definition.type)}
        </td>
      </tr>
    </>
  )
}
