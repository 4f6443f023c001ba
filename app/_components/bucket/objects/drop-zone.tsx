'use client'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import { visible } from '../../../_lib/objects.ts'
import { droppedFiles } from '../../../_lib/uploads/dropped-files.ts'
import { useUploads } from '../../shell/uploads-provider.tsx'
import { useReadsOnly } from '../../shell/use-viewer.ts'

type Props = {
  readonly bucket: string
  readonly folder: string
  readonly closed: string | null
  readonly children: ReactNode
}

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files')

/** The section of the objects, on which files can be dropped; the button beside does the same for the keyboard. */
export function DropZone({ bucket, folder, closed, children }: Props) {
  const { transfers } = useUploads()
  const why = useReadsOnly() ?? closed
  const [over, setOver] = useState(false)
  // Each element inside is entered and left, too.
  const depth = useRef(0)
  const enter = (step: number) => (event: DragEvent) => {
    if (!hasFiles(event)) return
    depth.current += step
    setOver(depth.current > 0)
  }
  const drop = (event: DragEvent) => {
    if (!hasFiles(event)) return
    event.preventDefault() // or the browser would open the file instead of this page
    depth.current = 0
    setOver(false)
    if (why === null) void droppedFiles(event.dataTransfer, folder).then((files) => transfers.add(bucket, files))
  }
  return (
    <section
      className="order-3 drop"
      aria-labelledby="h-objects"
      onDragEnter={enter(1)}
      onDragLeave={enter(-1)}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDrop={drop}
    >
      {children}
      {why === null && <p className="pt-2 text-sm text-ink-3">Or drop files here to upload them.</p>}
      {over && (
        <p className="over" aria-hidden="true">
          {why ?? `Drop to upload to ${folder === '' ? bucket : visible(folder)}`}
        </p>
      )}
    </section>
  )
}
