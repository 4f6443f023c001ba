'use client'
import { useState } from 'react'
import { TextFileField } from '../shared/text-file-field.tsx'
import type { FunctionsPart } from './functions-part.ts'

const fields = ['tls.ca', 'tls.clientCertificate', 'tls.clientKey']
const pem = '-----BEGIN CERTIFICATE-----'

/** Whom FaDO believes there, and what it shows of itself. */
export function FunctionsTlsFields({ draft, onChange, errors, before }: FunctionsPart) {
  const [isOpen, setOpen] = useState(draft.ca !== '' || draft.clientCertificate !== '' || draft.skipVerify)
  if (!isOpen && fields.some((field) => errors.at(field) !== undefined)) setOpen(true)
  const showsItself = draft.clientCertificate.trim() !== '' || draft.clientKey !== ''
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer py-1">
        Certificates <span className="text-ink-3">if not those that every machine trusts</span>
      </summary>
      <div className="grid gap-3 pt-2">
        <TextFileField
          label="Authorities (PEM)"
          value={draft.ca}
          onChange={(ca) => onChange({ ca })}
          error={errors.at('tls.ca')}
          placeholder={pem}
          hint="If its certificate is signed by a CA of your own."
        />
        <TextFileField
          label="Client certificate (PEM)"
          value={draft.clientCertificate}
          onChange={(clientCertificate) => onChange({ clientCertificate })}
          error={errors.at('tls.clientCertificate')}
          placeholder={pem}
          hint="If it asks FaDO for one."
        />
        {showsItself && (
          <TextFileField
            label="Client key (PEM)"
            secret
            value={draft.clientKey}
            onChange={(clientKey) => onChange({ clientKey })}
            error={errors.at('tls.clientKey')}
            hint={
              before?.tls?.clientCertificate
                ? 'Without a passphrase. Empty: as it is.'
                : 'Without a passphrase; never shown again.'
            }
          />
        )}
        <label className="check items-start">
          <input
            className="mt-1"
            type="checkbox"
            checked={draft.skipVerify}
            onChange={(event) => onChange({ skipVerify: event.target.checked })}
          />
          <span>
            Take any certificate of its functions.{' '}
            <span className={draft.skipVerify ? 'text-warn' : 'text-ink-2'}>
              For trials: whoever is on the way can read all.
            </span>
          </span>
        </label>
      </div>
    </details>
  )
}
