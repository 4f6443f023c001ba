// How a store is made to tell of its changes, from the command line.
import { expect, onTestFinished, test } from 'vitest'
import { runFado } from '../../support/commands.ts'
import { startMinio } from '../../support/minio.ts'
import { registerStore } from '../../support/register.ts'
import { topicArn } from '../../support/sns.ts'
import { startTestWeb } from '../../support/web.ts'

test('fado store events prints what to set where, and fado store update takes it', async () => {
  const [web, minio] = await Promise.all([startTestWeb(), startMinio()])
  onTestFinished(async () => {
    await Promise.all([web.stop(), minio.stop()])
  })
  async function fado(...args: string[]): Promise<string> {
    const { code, text } = await runFado(web, args)
    return `${text} [${code}]`
  }
  await registerStore(web, 'hpc', minio)

  const all = await fado('store', 'events', 'hpc')
  expect(all).toMatch(/^It tells nothing of changes; no event ever arrived\.\n/)
  expect(all).toContain('npx fado token create hpc-events --role NOTIFY')
  expect(all).toContain(`MINIO_NOTIFY_WEBHOOK_ENDPOINT_FADO=${web.url}/api/notify/hpc`)
  expect(all).toContain(`aws --endpoint-url ${minio.endpoint} sns create-topic`)
  expect(all).toContain('npx fado store update hpc --events external')
  const sns = await fado('store', 'events', 'hpc', '--for', 'sns', '--address', 'https://fado.example/console')
  expect(sns).toContain('--protocol https --notification-endpoint https://fado.example/api/notify/hpc')
  expect(sns).not.toContain('TOKEN')
  expect(await fado('store', 'events', 'hpc', '--address', 'fado')).toContain('It must be an address')
  expect(await fado('store', 'events', 'nowhere')).toBe('fado: There is no storage deployment nowhere (NOT_FOUND) [3]')

  expect(await fado('store', 'update', 'hpc', '--sns-topic', topicArn)).toContain('with events EXTERNAL only')
  expect(await fado('store', 'update', 'hpc', '--events', 'external', '--sns-topic', topicArn)).toMatch(/\[0\]$/)
  expect(await fado('store', 'events', 'hpc')).toContain(`It may tell by ${topicArn}.`)
  expect(JSON.parse((await fado('-o', 'json', 'store', 'events', 'hpc')).replace(/ \[0\]$/, ''))).toMatchObject({
    setting: 'EXTERNAL',
    state: 'UNHEARD',
    address: `${web.url}/api/notify/hpc`,
    settings: expect.arrayContaining(['Ceph RGW:']),
  })
  expect(await fado('store', 'update', 'hpc', '--sns-topic', 'none')).toMatch(/\[0\]$/)
  expect(await fado('store', 'events', 'hpc')).not.toContain(topicArn)

  const stores = (await fado('get', 'stores')).split('\n')
  expect(stores[0]).toContain('EVENTS')
  expect(stores[0]).toContain('LAST EVENT')
  expect(stores[1]).toMatch(/none yet \(UNHEARD\) +never/)
})
