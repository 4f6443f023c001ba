import { expect, test } from 'vitest'
import { type EventGuide, eventGuides, guidesFor, guideText } from '../../../../server/cli/event-guides.ts'

const facts = {
  name: 'cloud',
  endpoint: 'https://s3.eu-central-1.amazonaws.com',
  region: 'eu-central-1',
  offered: false,
  address: 'https://fado.example/api/notify/cloud',
}
const guides = Object.keys(eventGuides) as EventGuide[]

test.each([
  [{ endpoint: 'http://minio:9000', offered: true }, ['minio']],
  [{ endpoint: 'http://minio:9000', offered: false }, ['minio', 'ceph', 'other']],
  [{ endpoint: 'https://s3.cn-north-1.amazonaws.com.cn', offered: false }, ['eventbridge', 'sns']],
  [{ endpoint: 'https://s3.eu-central-1.amazonaws.com', offered: false }, ['eventbridge', 'sns']],
  [{ endpoint: 'https://amazonaws.com.example', offered: false }, ['minio', 'ceph', 'other']],
])('a store %j is offered %j', (store, expected) => {
  expect(guidesFor(store)).toEqual(expected)
})

test.each(guides)('every JSON of %s is whole, and stands in a shell as it is', (guide) => {
  const lines = guideText(guide, facts).map((line) => line.trim())
  const found = lines.flatMap((line) => [
    ...(line.startsWith('{') ? [line] : []),
    ...[...line.matchAll(/'([{[].*?)'(?= |$)/g)].map(([, json = '']) => json),
  ])
  for (const json of found) expect(() => JSON.parse(json), json).not.toThrow()
  expect(found.length > 0).toBe(['ceph', 'eventbridge', 'sns'].includes(guide))
})

test.each(guides)('no token of %s stands in a command line', (guide) => {
  const commands = guideText(guide, facts).filter((line) => /^ *(aws|npx) /.test(line))
  expect(commands.join('\n')).not.toContain('TOKEN ')
  expect(commands.join('\n')).not.toMatch(/Bearer|:TOKEN@/)
})
