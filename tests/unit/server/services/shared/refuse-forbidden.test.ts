import { expect, test } from 'vitest'
import { forbiddenTargets } from '../../../../../server/forbidden-target.ts'
import { refuseForbidden, refuseForbiddenNow } from '../../../../../server/services/shared/refuse-forbidden.ts'

const deps = { forbiddenTarget: forbiddenTargets([4000]) }

test('a name is refused for what it leads to now; one that leads nowhere yet is not', async () => {
  await expect(refuseForbiddenNow(deps, 'http://localhost:4000', ['endpoint'])).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    path: ['endpoint'],
    message: expect.stringContaining('FaDO itself') as string,
  })
  await refuseForbiddenNow(deps, 'http://localhost:4001', ['endpoint'])
  await refuseForbiddenNow(deps, 'http://nowhere.invalid:4000', ['endpoint'])
})

test('an address is refused at once, however it is written; a name is left to who asks there', () => {
  for (const host of ['169.254.169.254', '[::ffff:169.254.169.254]', '2852039166'])
    expect(() => refuseForbidden(deps, `http://${host}`, ['url'])).toThrow('where clouds keep secrets')
  refuseForbidden(deps, 'http://localhost:4000', ['url'])
})
