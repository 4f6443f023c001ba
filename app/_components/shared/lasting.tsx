'use client'
import { moment, roughly } from '../../_lib/format.ts'
import { useNow } from '../shell/use-now.ts'

/** How long something has been so: "for 6 min"; the exact time is its title. */
export function Lasting({ since }: { readonly since: string }) {
  const now = useNow()
  return (
    <time dateTime={since} title={`since ${moment(since)}`}>
      for {roughly((now.getTime() - new Date(since).getTime()) / 1000)}
    </time>
  )
}
