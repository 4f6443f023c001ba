import { Fragment } from 'react'
import {
  type Candidate,
  type FallLine,
  fallLines,
  fallsOf,
  folded,
  leftAfter,
  notWords,
  type Rule,
  rules,
} from '../../_lib/falls.ts'
import { count } from '../../_lib/format.ts'
import { sentence } from '../../_lib/sentence.ts'
import { Glyph } from '../shared/glyph.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'

type Props = {
  readonly candidates: readonly Candidate[]
  /** Default: all that stand between a call and a function. */
  readonly among?: readonly Rule[]
  /** What is said above the table is not said in it again. */
  readonly said?: string
  /** Of those that no rule stops. */
  readonly won?: string
}

/** Each candidate is a line that runs right until a rule stops it. */
export function CallFalls({ candidates, among = rules, said = '', won = 'gets calls' }: Props) {
  const falls = fallsOf(candidates, among)
  const { lines, counted } = folded(falls, among)
  return (
    <ScrollTable label="Candidates">
      <table className="fall">
        <thead>
          <tr>
            <th scope="col">
              <b>{count(candidates.length)}</b> in all
            </th>
            {among.map(({ title }, rule) => (
              <th key={title} scope="col">
                <b>{title}</b>
                {count(leftAfter(falls, rule))} left
              </th>
            ))}
            <th scope="col">
              <span className="sr-only">Verdict</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {fallLines(lines, among, said).map((line) => (
            <Line key={line.candidates.map(keyOf).join()} line={line} among={among} won={won} />
          ))}
          {counted.map(
            (many, rule) =>
              many > 0 && (
                <tr key={among[rule]?.title} className="many">
                  <th scope="row">{count(many)} more</th>
                  <Stopped stop={rule} why={notWords(among[rule])} among={among} />
                </tr>
              ),
          )}
        </tbody>
      </table>
    </ScrollTable>
  )
}

const keyOf = ({ cluster, url = '' }: Candidate) => `${cluster.id} ${url}`

type Among = { readonly among: readonly Rule[] }
type LineProps = Among & { readonly line: FallLine; readonly won: string }

function Line({ line: { candidates, stop, why }, among, won }: LineProps) {
  const hasWon = stop === among.length
  const clusters = [...new Set(candidates.map(({ cluster }) => cluster.name))]
  const urls = clusters.length === 1 ? candidates.flatMap(({ url }) => url || []) : []
  return (
    <tr className={hasWon ? 'won' : ''}>
      <th scope="row">
        <span className="mono">{clusters.join(', ')}</span>
        {urls.map((url) => (
          <span key={url} className="at">
            {url.replace(/^https?:\/\//, '')}
          </span>
        ))}
      </th>
      {hasWon ? (
        <>
          <Passed among={among} stop={stop} />
          <td className="end">{won}</td>
        </>
      ) : (
        <Stopped stop={stop} why={sentence(why, clusters[0] ?? null)} among={among} />
      )}
    </tr>
  )
}

type StopProps = Among & { readonly stop: number }

const Passed = ({ stop, among }: StopProps) =>
  among.slice(0, stop).map(({ title }) => <td key={title} className="go" />)

/** It passed the rules before; what it is stopped by goes on over those after. */
const Stopped = ({ stop, why, among }: StopProps & { readonly why: string }) => (
  <Fragment>
    <Passed among={among} stop={stop} />
    <td className="stop" colSpan={among.length + 1 - stop}>
      <Glyph name="fail" />
      {why}
    </td>
  </Fragment>
)
