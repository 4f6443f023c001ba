'use client'
import { useEffect, useRef } from 'react'

/** Does `act` every `pause` milliseconds while `on`; always the latest one. */
export function useEvery(pause: number, on: boolean, act: () => void): void {
  const latest = useRef(act)
  useEffect(() => {
    latest.current = act
  })
  useEffect(() => {
    if (!on) return
    const timer = setInterval(() => latest.current(), pause)
    return () => clearInterval(timer)
  }, [on, pause])
}
