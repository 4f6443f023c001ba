import { expect, test } from 'vitest'
import { type CallerDraft, callerFaults, callerInput, emptyCaller } from '../../../app/_lib/caller-draft.ts'

const issuer: CallerDraft = {
  ...emptyCaller,
  name: ' clinic ',
  by: 'JWT',
  issuer: 'https://login.example ',
  jwksUrl: 'https://login.example/keys',
  audiences: ['fado'],
  claims: 'role = nurse, doctor\n\n https://a.example/team=x=y',
}

test('a caller is asked for by its key, or by what its tokens say', () => {
  expect(callerInput({ ...issuer, by: 'KEY' })).toEqual({ name: 'clinic', how: { key: true } })
  expect(callerFaults(issuer)).toEqual([])
  expect(callerInput(issuer).how.jwt).toEqual({
    issuer: 'https://login.example',
    jwksUrl: 'https://login.example/keys',
    jwks: null,
    audiences: ['fado'],
    claims: [
      { name: 'role', values: ['nurse', 'doctor'] },
      { name: 'https://a.example/team', values: ['x=y'] },
    ],
  })
})

test('one known by certificates is asked for by who signs them and its names', () => {
  const draft: CallerDraft = { ...issuer, by: 'CERTIFICATE', ca: 'PEM', subjectAltNames: ['spiffe://a/b', 'b.example'] }
  expect(callerInput(draft).how).toEqual({ certificate: { ca: 'PEM', subjectAltNames: ['spiffe://a/b', 'b.example'] } })
  expect(callerFaults({ ...draft, claims: 'nurse' })).toEqual([])
})

test('what is no claim is told at its field, where claims are asked for', () => {
  expect(callerFaults({ ...issuer, claims: 'role=x\nnurse' })).toMatchObject([
    { message: 'nurse is no claim: write role=nurse,doctor', path: ['how', 'jwt', 'claims'] },
  ])
  expect(callerFaults({ ...issuer, by: 'KEY', claims: 'nurse' })).toEqual([])
})
