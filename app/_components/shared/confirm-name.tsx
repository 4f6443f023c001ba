'use client'
import { TextField } from './text-field.tsx'

type Props = {
  readonly name: string
  readonly typed: string
  readonly onType: (typed: string) => void
  readonly verb: string
}

/** What cannot be undone asks for the name of what it ends. */
export function ConfirmName({ name, typed, onType, verb }: Props) {
  return (
    <TextField
      label={
        <>
          Type <code>{name}</code> to {verb}
        </>
      }
      value={typed}
      onChange={onType}
    />
  )
}
