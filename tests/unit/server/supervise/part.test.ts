import { expect, test } from 'vitest'
import { describeExit } from '../../../../server/supervise/part.ts'

const exit = (log: string, code: number | null = 1, signal: string | null = null) => describeExit({ code, signal, log })

test.for([
  ['its signal', exit('something\n', null, 'SIGKILL'), 'SIGKILL'],
  [
    'its own sentence, not the stack below it',
    exit('fado: Port 1 is taken\n    at listen (a.ts:1)\n'),
    'Port 1 is taken',
  ],
  ['its last line, log lines left out', exit('bad flag --x\n{"level":50}\n\n'), 'bad flag --x'],
  ['its exit code where it said nothing', exit('', 3), 'exit code 3'],
] as const)('what ended a part is told by %s', ([, told, expected]) => {
  expect(told).toBe(expected)
})
