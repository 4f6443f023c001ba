'use client'
import { useCallback } from 'react'
import { useClient } from 'urql'
import { DownloadAddressDocument } from '../../../../graphql/generated/operations.ts'
import { fileName, objectHref } from '../../../_lib/objects.ts'
import { say } from '../../../_lib/parts.ts'
import { refusalOfError } from '../../../_lib/refusals.ts'
import { useToast } from '../../shared/toasts.tsx'
import { useUploads } from '../../shell/uploads-provider.tsx'

/** An address of the object that is good for a quarter of an hour, for whoever has it. Rejects with words for people. */
export function useAddressOf(bucket: string): (key: string) => Promise<string> {
  const client = useClient()
  return useCallback(
    async (key) => {
      const { data, error } = await client
        .query(DownloadAddressDocument, { bucket, key }, { requestPolicy: 'network-only' })
        .toPromise()
      if (error || !data) throw new Error(error ? refusalOfError(error).message : 'FaDO gave no answer.')
      return data.downloadUrl.url
    },
    [client, bucket],
  )
}

/** Saves an object: from a store that holds it, or through FaDO where the browser cannot reach that. */
export function useDownload(bucket: string): (key: string) => void {
  const addressOf = useAddressOf(bucket)
  const { ways } = useUploads()
  const toast = useToast()
  return useCallback(
    async (key: string) => {
      try {
        const url = await addressOf(key)
        save((await ways.reaches(url)) ? url : objectHref(bucket, key), fileName(key))
      } catch (error) {
        toast({ parts: say`${error instanceof Error ? error.message : String(error)}` })
      }
    },
    [addressOf, ways, toast, bucket],
  )
}

/** Both ways answer it as a file, so that this page stays. */
function save(href: string, name: string): void {
  const link = document.createElement('a')
  link.href = href
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
}
