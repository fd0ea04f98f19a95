// What one does with a photo comes after what one sees of it: another strength, marks by hand, another version.

import { afterwards } from "./afterwards.js";
import { turnPagesInPlace } from "./file-pages.js";

turnPagesInPlace(document, { record: true });

await afterwards();
await Promise.all([import("./strength-slider.js"), import("./damage-brush.js"), import("./restore-form.js")]);
