'use client'
import type { PolicySourceKind } from '../../../graphql/generated/operations.ts'
import { ActButton } from '../shared/act-button.tsx'
import { Icon } from '../shared/icon.tsx'
import { SourceDots } from './source-dots.tsx'

/** Where a value comes from. */
export const Source = ({ kind }: { readonly kind: PolicySourceKind }) => (
  <>
    <SourceDots kind={kind} />
    <span className="dim">{kind.toLowerCase()}</span>
  </>
)

export const EditButton = ({ name, onEdit }: { readonly name: string; readonly onEdit: (name: string) => void }) => (
  <ActButton className="btn quiet small" aria-label={`Edit ${name}`} onClick={() => onEdit(name)}>
    <Icon name="edit" />
    Edit
  </ActButton>
)
