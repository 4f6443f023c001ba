import { describe, expect, test } from 'vitest'
import { linkId } from '../../../../server/domain/links/link.ts'
import {
  linkRuleWords,
  parseLinkRules,
  resolveRules,
  servesLink,
} from '../../../../server/domain/links/served-links.ts'

describe('links as they are written', () => {
  test.each(['hpc->edge', 'hpc->*', '*->edge', '*->*', ' hpc -> edge , *->cloud '])('%s', (text) => {
    expect(parseLinkRules(text).map(linkRuleWords).join()).toBe(text.replaceAll(' ', ''))
  })
  test.each(['', 'hpc', 'hpc->', '->edge', 'hpc->edge,', 'a->b->c', 'hpc>edge'])('%j is none', (text) => {
    expect(() => parseLinkRules(text)).toThrow(/is no link: name two stores such as hpc->edge/)
  })
})

const ids = new Map([
  ['hpc', '1'],
  ['edge', '2'],
  ['cloud', '3'],
])
const served = (text: string) => resolveRules(parseLinkRules(text), ids)

test.each([
  ['hpc->edge', ['1 2', '1 1']],
  ['*->edge', ['1 2', '3 2', '1 1', '2 2', '3 3']],
  ['hpc->*', ['1 2', '1 3', '1 1']],
  ['edge->edge', ['2 2']],
  ['hpc->edge,cloud->hpc', ['1 2', '3 1', '1 1', '3 3']],
])('%s serves its links, and the masters on the stores that they lead from', (text, expected) => {
  const all = [...ids.values()].flatMap((from) =>
    [...ids.values()].map((to) => ({ fromStorageId: from, toStorageId: to })),
  )
  const found = all.filter((link) => servesLink(served(text).served, link)).map(linkId)
  expect(found.sort()).toEqual([...expected].sort())
  expect(all.every((link) => servesLink(null, link))).toBe(true)
})

test('what names a store that is not there is not served, the rest is', () => {
  const { served: now, unknown } = served('hpc->edge,hpc->moon,mars->*')
  expect(unknown).toEqual(['mars', 'moon'])
  expect(now).toEqual([{ from: '1', to: '2' }])
})
