'use client'
import { useRef } from 'react'
import { chosenFiles } from '../../../_lib/uploads/dropped-files.ts'
import { ActButton } from '../../shared/act-button.tsx'
import { useUploads } from '../../shell/uploads-provider.tsx'

type Props = { readonly bucket: string; readonly folder: string; readonly closed: string | null }

export function UploadButton({ bucket, folder, closed }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const { transfers } = useUploads()
  return (
    <>
      <ActButton className="btn small primary" disabled={closed !== null} onClick={() => input.current?.click()}>
        Upload files
      </ActButton>
      <input
        ref={input}
        className="sr-only"
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          transfers.add(bucket, chosenFiles(event.target.files ?? [], folder))
          event.target.value = '' // so that the same file can be chosen again
        }}
      />
    </>
  )
}
