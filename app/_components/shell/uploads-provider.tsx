'use client'
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { useClient } from 'urql'
import { createTransfers, isBusy, type Transfer, type Transfers } from '../../_lib/uploads/transfers.ts'
import { createUploadApi } from '../../_lib/uploads/upload-api.ts'
import { createWays, type Ways } from '../../_lib/uploads/ways.ts'

type Uploads = { readonly transfers: Transfers; readonly ways: Ways }
const UploadsContext = createContext<Uploads | null>(null)

export function useUploads(): Uploads {
  const uploads = useContext(UploadsContext)
  if (uploads === null) throw new Error('useUploads outside of UploadsProvider')
  return uploads
}

const none: readonly Transfer[] = []

/** Files on their way to this bucket, live. */
export function useTransfers(bucket: string): readonly Transfer[] {
  const { transfers } = useUploads()
  const all = useSyncExternalStore(transfers.subscribe, transfers.get, () => none)
  return all.filter((one) => one.bucket === bucket)
}

/** Uploads go on while other screens are looked at; who closes the page is asked first. */
export function UploadsProvider({ children }: { readonly children: ReactNode }) {
  const client = useClient()
  const [uploads] = useState((): Uploads => {
    const ways = createWays()
    return { ways, transfers: createTransfers(createUploadApi(client), ways) }
  })
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (isBusy(uploads.transfers.get())) event.preventDefault()
    }
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [uploads])
  return <UploadsContext value={uploads}>{children}</UploadsContext>
}
