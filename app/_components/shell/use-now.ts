'use client'
// The server's time, for ages on screen.
import { useEffect, useState } from 'react'
import { useConsole } from './console-provider.tsx'

/** `step` in milliseconds: how often it moves on; what is learnt of the server's clock counts at once. */
export function useNow(step = 5_000): Date {
  const { clock } = useConsole()
  const [now, setNow] = useState(clock.now)
  useEffect(() => {
    const look = () => setNow(clock.now())
    const timer = setInterval(look, step)
    const unlisten = clock.subscribe(look)
    return () => {
      clearInterval(timer)
      unlisten()
    }
  }, [clock, step])
  return now
}
