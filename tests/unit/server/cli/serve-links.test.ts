// What `fado serve` takes of links.
import { expect, test } from 'vitest'
import { type LocalCommands, runProgram } from '../../../../server/cli/program.ts'
import { parseConfig } from '../../../../server/config.ts'

async function serve(...args: string[]) {
  const said: string[] = []
  const asked: unknown[] = []
  const none = async () => 1
  const local: LocalCommands = {
    ...{ demo: none, doctor: none, functionServer: none, envoyBootstrap: none },
    async serve(role, links) {
      asked.push(role, links)
      return 0
    },
  }
  const say = (text: string) => said.push(text)
  const options = { config: parseConfig({}), version: '1', local, print: say, printError: say }
  const code = await runProgram(['serve', ...args], { ...options, readerGone: new AbortController().signal })
  return { code, asked, said: said.join('\n') }
}

test('a mover serves the links that it is told, else all', async () => {
  expect(await serve('--role', 'mover', '--links', 'hpc->edge,*->cloud')).toMatchObject({
    code: 0,
    asked: [
      'mover',
      [
        { from: 'hpc', to: 'edge' },
        { from: null, to: 'cloud' },
      ],
    ],
  })
  expect((await serve('--role', 'mover')).asked).toEqual(['mover', null])
})

test('links that are none, and links of another role, are refused with what is wrong', async () => {
  const bad = await serve('--role', 'mover', '--links', 'hpc')
  expect(bad).toMatchObject({ code: 2, asked: [] })
  expect(bad.said).toContain('"hpc" is no link: name two stores such as hpc->edge, * is any store.')
  const all = await serve('--links', 'hpc->edge')
  expect(all).toMatchObject({ code: 2, asked: [] })
  expect(all.said).toContain('--links goes with --role mover')
})
