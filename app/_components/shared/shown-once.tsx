import type { ReactNode } from 'react'
import { Command } from './command.tsx'
import { Overlay } from './overlay.tsx'

type Props = {
  readonly title: string
  readonly secret: string
  readonly onClose: () => void
  /** What it is good for. */
  readonly children: ReactNode
}

/** A secret that FaDO made and does not keep. */
export const ShownOnce = ({ title, secret, onClose, children }: Props) => (
  <Overlay title={title} onClose={onClose}>
    <div className="body">
      <p className="text-ink-2">This is shown once: copy it now. {children}</p>
      <Command text={secret} />
      <div className="foot">
        <button type="button" className="btn primary" onClick={onClose}>
          I have it
        </button>
      </div>
    </div>
  </Overlay>
)
