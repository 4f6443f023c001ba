'use client'
// The time, for ages on screen.
import { useEffect, useState } from 'react'

/** `step` in milliseconds: how often it moves on. */
export function useNow(step = 5_000): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), step)
    return () => clearInterval(timer)
  }, [step])
  return now
}
