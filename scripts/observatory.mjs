// Grades one page with MDN's HTTP Observatory: `node observatory.mjs FOLDER HTTPS_PORT HTTP_PORT PATH`.
// Its own command scans hosts on the internet only; its parts do the same with a port. Prints JSON.
import { pathToFileURL } from "node:url";

const [folder, httpsPort, httpPort, path] = process.argv.slice(2);
const part = (name) => import(pathToFileURL(`${folder}/node_modules/@mdn/mdn-http-observatory/src/${name}`));
const { retrieve } = await part("retriever/retriever.js");
const { ALL_TESTS } = await part("constants.js");
const { getGradeForScore, getScoreModifier } = await part("grader/grader.js");
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await part("grader/charts.js");

const found = await retrieve("localhost", { httpsPort: Number(httpsPort), httpPort: Number(httpPort), path });
if (!found.responses.auto) throw new Error("The site does not answer.");
const tests = Object.fromEntries(
    ALL_TESTS.map((test) => test(found)).map((told) => [
        told.constructor.name,
        { result: told.result, pass: told.pass, points: getScoreModifier(told.result) },
    ]),
);
const points = Object.values(tests).map((test) => test.points);
const taken = 100 + points.filter((one) => one < 0).reduce((sum, one) => sum + one, 0);
const all = 100 + points.reduce((sum, one) => sum + one, 0);
const { score, grade } = getGradeForScore(taken >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? all : taken);
console.log(JSON.stringify({ status: found.responses.auto.status, grade, score, tests }));
