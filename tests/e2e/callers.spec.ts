import { mkdir } from 'node:fs/promises'
import { createAuthority } from '../support/certificates.ts'
import { expect, fresh, test } from './console.ts'

const create = 'mutation($input: CallerCreateInput!) { callerCreate(input: $input) { __typename } }'
const remove = 'mutation($input: CallerDeleteInput!) { callerDelete(input: $input) { __typename } }'

test('a caller is made, its key shown once; a bucket that names it lets in whoever has the key, until it is deleted', async ({
  signedIn: page,
  makeBucket,
  demo,
}) => {
  const name = fresh('robot')
  const bucket = await makeBucket('guarded', 'hpc')
  const call = async (headers: Record<string, string> = {}) => {
    const { ingress } = demo()
    return (await fetch(`${ingress}/function/echo`, { headers: { 'x-fado-bucket': bucket, ...headers } })).status
  }
  await expect.poll(() => call(), { timeout: 10_000 }).toBe(200)
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Create a caller' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill('all')
  await form.getByRole('button', { name: 'Create the caller' }).click()
  await expect(form.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true')
  await form.getByLabel('Name').fill(name)
  await form.getByRole('button', { name: 'Create the caller' }).click()
  const key = await form.locator('.cmd code').textContent()
  await form.getByRole('button', { name: 'I have it' }).click()
  expect(await page.content()).not.toContain(key)
  const row = page.getByRole('region', { name: 'Callers' }).getByRole('row', { name: new RegExp(name) })
  await expect(row).toContainText('a key of FaDO')

  await page.goto(`/buckets/${bucket}`)
  await page.getByRole('button', { name: 'Edit callers' }).click()
  const policy = page.getByLabel('New value of callers')
  const offered = page.locator(`datalist[id="${await policy.getAttribute('list')}"] option[value="${name}"]`)
  await expect(offered).toHaveCount(1)
  await policy.fill(name)
  await page.getByRole('button', { name: `Set to ${name}` }).click()
  await expect(page.getByRole('row', { name: new RegExp(`^callers ${name}`) })).toBeVisible()
  await expect.poll(() => call(), { timeout: 10_000 }).toBe(401)
  await expect.poll(() => call({ authorization: `Bearer ${key}` }), { timeout: 10_000 }).toBe(200)

  await page.getByRole('link', { name: 'Explain a call' }).click()
  const section = page.getByRole('region', { name: 'Explain a call' })
  await expect(section.getByRole('status')).toContainText('Envoy answers 401 by itself. Nothing proves who calls')
  const lines = section.getByRole('region', { name: 'Candidates, table' })
  await expect(lines.getByRole('row', { name: /hpc/ })).toContainText('Not for the caller.')
  const withKey = /^curl -i -H "Authorization: Bearer \$KEY"/
  await expect(section.getByText(`Only ${name} may call. $KEY stands for the key of ${name}.`)).toBeVisible()
  await expect(section.getByText(withKey)).toBeVisible()
  await section.getByLabel('Who calls').selectOption(name)
  await expect(section.getByRole('status')).toHaveText('This call goes to hpc, spread by round_robin.')
  await expect(section.getByText(withKey)).toBeVisible()

  await page.goto(`/buckets/${bucket}`)
  const use = page.getByRole('region', { name: 'Use it' })
  await expect(use.getByText(withKey)).toBeVisible()
  await expect(use.getByText(`Only ${name} may call.`)).toBeVisible()

  await page.goto('/settings')
  await expect(row).toContainText(bucket)
  await row.getByRole('button', { name: `Delete ${name}` }).click()
  await expect(page.getByRole('dialog')).toContainText(`Without it nobody may call ${bucket}`)
  await page.getByRole('button', { name: 'Delete it' }).click()
  await expect(row).toHaveCount(0)
  await expect.poll(() => call({ authorization: `Bearer ${key}` }), { timeout: 10_000 }).toBe(401)

  const nobody = 'Nobody may call: the policy callers names no caller that there is.'
  await page.goto('/')
  const attention = page.getByRole('region', { name: 'Needs attention' }).getByRole('listitem')
  const told = attention.filter({ hasText: `Nobody may call ${bucket}` })
  await expect(told).toContainText('The policy callers names no caller that there is. Calls get 401 or 403')
  const matrix = page.getByRole('region', { name: 'Where each bucket lies' })
  await expect(matrix.getByRole('row', { name: bucket }).getByRole('img', { name: 'nobody may call' })).toBeVisible()
  await told.getByRole('link', { name: 'Open' }).click()
  await expect(page.getByRole('region', { name: 'Route' }).getByText(nobody)).toBeVisible()
})

test('one known by certificates is asked for their authority and its names', async ({ signedIn: page, api }, info) => {
  const name = fresh('ward')
  await mkdir(info.outputPath(), { recursive: true })
  const { ca } = await createAuthority(info.outputPath())
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Create a caller' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name', { exact: true }).fill(name)
  await form.getByLabel('Known by').selectOption({ label: 'client certificates' })
  await form.getByLabel('Authority (PEM)', { exact: true }).fill('none')
  await form.getByLabel('Names').fill('spiffe://clinic.example/nurse')
  await form.getByRole('button', { name: 'Create the caller' }).click()
  const authority = form.getByLabel('Authority (PEM)', { exact: true })
  await expect(authority).toHaveAttribute('aria-invalid', 'true')
  await authority.fill(ca)
  await form.getByRole('button', { name: 'Create the caller' }).click()
  const row = page.getByRole('region', { name: 'Callers' }).getByRole('row', { name: new RegExp(name) })
  await expect(row).toContainText('a certificate')
  await page.goto('/routing')
  const section = page.getByRole('region', { name: 'Explain a call' })
  await section.getByLabel('Who calls').selectOption(name)
  await expect(section.getByText(`Nobody can prove to be ${name}: certificates are shown over TLS`)).toBeVisible()
  await expect(section.getByText(/^curl -i "http/)).toBeVisible()
  await api(remove, { input: { name } })
  await page.goto('/settings')
  await expect(row).toHaveCount(0)
})

test('one known by tokens is asked for its issuer; what others make and delete appears and goes', async ({
  signedIn: page,
  api,
}) => {
  const [name, other] = [fresh('clinic'), fresh('other')]
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Create a caller' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('Known by').selectOption({ label: 'tokens of an issuer (JWT)' })
  await form.getByLabel('Issuer').fill(`https://${name}.example`)
  await form.getByLabel('Claims').fill('nurse')
  await form.getByRole('button', { name: 'Create the caller' }).click()
  await expect(form.getByRole('alert')).toContainText('nurse is no claim')
  await form.getByLabel('Claims').fill('role=nurse,doctor')
  await form.getByRole('button', { name: 'Create the caller' }).click()
  await expect(form.getByLabel('Or the keys themselves', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  }
  await form.getByLabel('Or the keys themselves', { exact: true }).fill(JSON.stringify({ keys: [jwk] }))
  await form.getByRole('button', { name: 'Create the caller' }).click()
  const callers = page.getByRole('region', { name: 'Callers' })
  await expect(callers.getByRole('row', { name: new RegExp(name) })).toContainText('tokens of an issuer')

  await api(create, { input: { name: other, how: { key: true } } })
  const row = callers.getByRole('row', { name: new RegExp(other) })
  await expect(row).toBeVisible()
  await api(remove, { input: { name: other } })
  await expect(row).toHaveCount(0)
  await api(remove, { input: { name } })
})
