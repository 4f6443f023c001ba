'use client'
import { clock } from '../../_lib/format.ts'
import { useLinkState } from './use-link.ts'

const zone = () => {
  const minutes = -new Date().getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const hours = Math.floor(Math.abs(minutes) / 60)
  const rest = Math.abs(minutes) % 60
  return `UTC${minutes < 0 ? '\u2212' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
}

export function LiveState() {
  const link = useLinkState()
  return (
    <>
      <span className={link.live ? 'live' : 'live off'}>{link.live ? 'live' : `not live since ${clock(link.at)}`}</span>
      <span>times in {zone()}</span>
    </>
  )
}
