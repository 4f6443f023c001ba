'use client'
import './globals.css'
import ScreenError from './error.tsx'

/** When even the frame around the screens failed. */
export default function GlobalError(props: Parameters<typeof ScreenError>[0]) {
  return (
    <html lang="en">
      <body>
        <ScreenError {...props} />
      </body>
    </html>
  )
}
