'use client'
import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

/** A few pixels more or less lay nothing out anew. */
const step = 8

/** How wide an element is; 0 before it is there. */
export function useWidth<E extends HTMLElement>(): readonly [RefObject<E | null>, number] {
  const ref = useRef<E>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return
    const measure = () => setWidth(Math.floor(element.clientWidth / step) * step)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [ref, width]
}
