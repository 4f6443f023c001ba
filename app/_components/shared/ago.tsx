'use client'
import { age, moment } from '../../_lib/format.ts'
import { useNow } from '../shell/use-now.ts'

/** An age that moves on by itself; the exact time is its title. */
export function Ago({ time }: { readonly time: string }) {
  const now = useNow()
  return (
    <time dateTime={time} title={moment(time)}>
      {age(time, now)}
    </time>
  )
}
