"""Marketing copy of many trades and tones, against which a brand's voice stands out.

Written for this purpose by the authors; none of it is a brand's. How often these texts begin with a verb, say "we" or
use an exclamation mark is what a voice (`presscheck/matching/voice.py`) holds for usual.
"""

COMMON_COPY = (
    "Wake up to coffee that was roasted yesterday. We buy from eleven small farms, roast every Tuesday and post the "
    "bags the same afternoon, so what you drink on Thursday is still at its best.",
    "The kettle boils a litre in under three minutes and keeps it warm for half an hour. A soft grip, a wide lid "
    "and a clear scale make it easy to fill, to hold and to clean.",
    "Open an account in five minutes. There is no fee, no minimum balance and no paperwork. All we need is your "
    "passport and a phone.",
    "Dear customer, your policy will renew on 1 March. Please read the enclosed terms carefully. Should you have "
    "any questions, our advisers will be happy to help you.",
    "Hungry? Us too! Grab two pizzas tonight and pay for one. You know you want to.",
    "Set on a quiet square in the old town, the hotel combines rooms of a generous size with a garden that few "
    "visitors know. Breakfast is served until noon, because holidays should not begin with an alarm clock.",
    "These jeans are cut from heavy cotton and washed three times before they leave the mill. They soften with "
    "every wear, and we repair them free of charge for as long as you own them.",
    "Made by hand in Porto, each bowl is thrown, glazed and fired by the same person. No two are alike.",
    "Plan your week, share it with your team and stop chasing people for updates. Our calendar does the boring part "
    "so that you can get on with the work.",
    "Introducing our lightest tent yet. At 1.2 kg it packs down to the size of a bottle, goes up in four minutes "
    "and stands firm in a gale.",
    "Our serum is formulated with niacinamide and zinc to visibly reduce the look of pores. Dermatologically "
    "tested. Suitable for sensitive skin. Free from perfume.",
    "I started this bakery with one oven and my grandmother's rye. Ten years on, I still bake it every morning at "
    "four, and I still burn my fingers.",
    "Sale ends Sunday: up to 40% off garden furniture, while stocks last.",
    "Your dog deserves better than leftovers. Fresh chicken, carrots and a little rice, cooked gently and delivered "
    "frozen to your door. Tails will wag.",
    "This bag features a padded sleeve for laptops up to 15 inches, two side pockets and a waterproof base. The "
    "straps are adjustable and the lining is made from recycled bottles.",
    "Discover the new collection. Clean lines, warm colours and natural fabrics bring a sense of calm to any room.",
    "A watch should tell the time, and it should do so for a very long time. Ours is assembled in a workshop of "
    "nine people who will service it, at cost, for as long as it runs.",
    "We're sorry to see you go. If you change your mind, your playlists will be here for ninety days. It only takes "
    "one click to come back.",
    "Built for families who travel light, the buggy folds with one hand and fits in the overhead locker. The seat "
    "reclines flat, the wheels lock and the cover goes in the machine at forty degrees.",
    "Ride further. The battery lasts for 90 kilometres, charges overnight and comes out with a turn of the key.",
    "Why pay more for power? Switch today and we'll take care of everything, including telling your old supplier.",
    "With its oak frame and linen seat, this chair has been part of our range since 1962. It is stacked, dragged, "
    "danced upon and handed down.",
    "It's raining. You're out of milk. The baby's asleep. Don't move: we'll be there in fifteen minutes.",
    "The spring menu celebrates what grows within thirty miles of our kitchen, from wild garlic and young nettles "
    "to lamb that has grazed on salt marsh. We recommend that you book early.",
    "Get fit at your own pace with classes for beginners, parents, night owls and people who hate gyms. Your first "
    "month is on us.",
    "Inspired by the lighthouses of Brittany, this lamp casts a warm, even light and dims at a touch. The brass "
    "will darken with age, which is rather the point.",
    "Thank you for your order! We've packed it with care and it's on its way. You can follow it here.",
    "Secure your data with encryption that even we cannot break. The platform meets the requirements of ISO 27001 "
    "and is audited by an independent firm every year.",
    "Soft on skin. Hard on stains. Kind to rivers.",
    "Learn Spanish the way children do: by listening, guessing, laughing and getting it wrong. Twenty minutes a day "
    "is plenty.",
    "Our mortgage advisers have helped more than 12,000 families to buy their first home. Tell us what you earn and "
    "what you would like to spend, and we will tell you honestly whether it can be done.",
    "Pack these boots for the winter and you will not think about your feet again. Waxed leather keeps the water "
    "out, merino keeps the warmth in, and the deep tread holds on ice.",
    "The camera that sees in the dark. Its new sensor gathers four times as much light, so birthdays, concerts and "
    "campfires look the way you remember them.",
    "Everyone at the table gets a glass, a spoon and a say. Our tasting evenings are small on purpose.",
    "Love the planet? So do we. That's why every bottle is made from plants and every order plants a tree.",
    "A rich, full-bodied red with notes of plum, tobacco and dark chocolate. Serve it at sixteen degrees with game, "
    "stews or a good argument.",
    "Members save 15% on everything, every day. Join for free in store or online.",
    "From the makers of the original pocket radio comes a speaker that is small enough for a coat and loud enough "
    "for a kitchen.",
    "Need a hand? Chat with one of our experts between 8 am and 10 pm, seven days a week. Real people, real answers.",
    "The cream absorbs quickly, leaves no residue and protects for up to eight hours. Apply generously before going "
    "out and again after swimming.",
    "When we moved the factory we could have bought new looms. We kept the old ones, slow and noisy as they are, "
    "because nothing else makes a cloth like this.",
    "Book now and fly from £29. Bags, seats and meals are extra.",
    "You bring the recipe. We'll bring the knives. Forged from a single bar of steel, balanced by hand and "
    "sharpened for life, they'll be the last set you ever buy.",
    "Our mission is to provide small businesses with financial tools that were previously available only to large "
    "corporations.",
    "A breathable cover, a firm core and a hundred nights to decide. If you do not sleep better, we collect the "
    "mattress and return your money in full.",
    "Say hello to Friday. New series, new films and no adverts, all weekend.",
    "This jacket moves from the office to the hills without changing its mind. A slim cut, hidden seams and a hood "
    "that disappears make it as smart as it is dry.",
    "The museum reopens on 4 May with an exhibition of six hundred maps, many of which have never been shown in "
    "public.",
    "Ever wondered what your cat does all day? Now you can watch, talk and even throw a treat from your phone.",
    "Handcrafted from Italian leather and finished with solid brass, the wallet carries eight cards and some cash, "
    "and no more than that.",
    "Please note that our opening hours will change from next week. We look forward to welcoming you.",
    "Mix, shake, pour. Three ingredients and you're done.",
    "Designed with cyclists, tested by couriers. The reflective panels catch headlights from every angle, while "
    "vents under the arms let heat escape on the climb.",
    "Treat yourself to a long weekend of doing nothing in particular. There's a sauna, a lake and a shelf of books "
    "that nobody will ask you about.",
    "Because growing up is expensive, our junior account pays 4% on the first thousand and lets grandparents chip in.",
    "They told us that nobody reads newspapers any more, so we made one that you'd want to keep. It arrives on "
    "Saturdays, printed on thick paper, and there isn't a single advertisement in it.",
    "Energy you can feel! Packed with vitamins, bursting with flavour and only 45 calories a can.",
    "Add a little green to your desk. Our plants come potted, watered and named, with a card that tells you how not "
    "to kill them.",
    "The system monitors temperature, humidity and air quality in real time and alerts your staff before anything "
    "goes wrong.",
    "Grow with us. We are hiring nurses, drivers and cooks in all our homes this autumn.",
    "Light as a feather and strong as an ox, this suitcase rolls on four silent wheels and opens flat. The shell is "
    "guaranteed for ten years.",
    "For the runner who goes out before dawn, a shirt that dries while you wear it and a pocket that does not bounce.",
    "Last chance! Your basket will be emptied at midnight.",
    "Each toy is carved from beech, sanded smooth and painted with colours that are safe to chew. Suitable from six "
    "months.",
    "Not sure about the size? Order two and send one back. It won't cost you a penny.",
    "Our guides have lived here all their lives. They will show you where the bread is baked, which bench has the "
    "view and why you should never order the fish on a Monday.",
    "Simple prices. No surprises.",
    "The new oven steams, grills and bakes on three levels at once, and cleans itself while you eat. Sensors in the "
    "door keep the outside cool to the touch.",
    "Step inside and slow down. Polished concrete, tall windows and a single long table set the tone for a shop "
    "that sells very few things, all of them well made.",
    "Good news: we've lowered our prices on more than 300 everyday items, from pasta to nappies, and we're keeping "
    "them low all year.",
    "This rain jacket is made for days that cannot decide. It has taped seams, a peak that keeps drops off your "
    "glasses and pockets that are large enough for a map. Wear it over a jumper or on its own.",
    "A classic Oxford shirt with a button-down collar and a slightly shorter body, so you can leave it untucked. "
    "The cotton is brushed on the inside for a softer feel.",
    "Carry everything you need for a weekend away. With two main compartments, a separate place for shoes and a "
    "strap that slides over the handle of your case, this holdall keeps things in order.",
    "Keep your cool in the heat. This linen dress falls loosely from the shoulders and has pockets at both sides. "
    "It comes in sand, rust and navy.",
    "The headphones block the noise of trains, planes and open offices, and let voices through when you touch the "
    "left cup. Thirty hours of music come from a single charge.",
    "Designed for small kitchens, the blender stands on a base no bigger than a plate. Its four blades crush ice, "
    "nuts and frozen fruit in seconds, and the jug doubles as a drinking cup.",
    "Our best-loved jumper is back. Knitted in Scotland from lambswool, it features a ribbed collar, saddle "
    "shoulders and elbows that have been reinforced, because we know how you lean.",
    "Take your photographs further with a tripod that weighs less than a kilo. The legs lock with a twist, the head "
    "turns smoothly in every direction and the whole thing fits in a rucksack.",
    "These gloves feature a fleece lining and fingertips that work on a screen. A longer cuff keeps out the snow.",
    "Feel at home anywhere. Our sleeping bags are filled with down that is traced to the farm, sewn into chambers "
    "that prevent cold spots and finished with a hood that follows your head.",
    "An everyday trouser with a little stretch. It sits at the waist, tapers to the ankle and looks as good with "
    "trainers as it does with heels.",
    "With its generous screen and slim frame, the tablet makes films look bigger and work feel lighter. It also "
    "comes with a pen that writes on glass as if it were paper.",
    "Bring the garden indoors. The shelf holds six pots, waters them from below and lights them when the days are "
    "short.",
    "Machine washable, quick to dry and gentle on the planet, these towels are woven from organic cotton. A loop at "
    "each corner means they never end up on the floor.",
    "For early starts and late finishes, this lamp clips to any book and bends to any angle. It offers three levels "
    "of brightness and switches off by itself after an hour.",
    "The original trainer, now in suede. A padded tongue and a cork footbed provide comfort from the first step, "
    "and the sole is stitched so that it can be replaced.",
    "Stay warm on the touchline. This coat combines a windproof shell with a quilted lining and extends well below "
    "the knee.",
    "A bike that grows with your child: the saddle goes up, the handlebars go forward and the stabilisers come off "
    "without tools. It is painted with three coats and guaranteed for five years.",
    "Cut, peel, grate and slice with one tool. The handle fits left and right hands alike.",
    "Created with chefs, this pan heats evenly, releases eggs without oil and moves from hob to oven. The rivets "
    "are flush, so there is nowhere for food to hide.",
    "Soft, light and slightly oversized, the cardigan is the one you will reach for on Sundays. Mother-of-pearl "
    "buttons add a little polish.",
    "Set the pace with a watch that counts your steps, lengths and heartbeats. It tells you when to push, when to "
    "rest and when you have simply sat too long.",
    "The table seats four and, with a pull, eight. Both leaves are stored inside. Solid ash, oiled by hand.",
    "Made from recycled nylon and lined with mesh, these shorts dry in minutes. A zipped pocket at the back holds "
    "keys and a card.",
    "Give them a gift they'll use. Engraved with a name, a date or a private joke, the pocket knife has five tools "
    "and a place on any key ring.",
    "You'll notice the quiet first. Then the space, the view and the seats that fold into a bed. The new van is "
    "electric, goes 400 kilometres on a charge and parks itself.",
    "A generous hood, a two-way zip and storm cuffs make this parka ready for anything that January has to offer. "
    "The filling is made of plastic bottles, and it is every bit as warm as down.",
    "Play louder. The speaker delivers deep bass and clear voices from a case that survives sand, rain and children.",
    "These boots have a waterproof membrane, a cushioned insole and a sole that grips wet rock. The laces loosen "
    "with one pull.",
    "Inspired by the uniforms of harbour pilots, the coat is cut from dense wool, fastened with horn buttons and "
    "lined with satin. It gets better with every winter.",
    "Our smallest camera yet takes pictures of the highest quality and sends them straight to your phone. It also "
    "fits in a shirt pocket.",
    "Simple, strong and easy to clean. That is all we wanted from a lunch box, and it is what you get.",
    "The duvet keeps you warm without weighing you down. Its cover is woven so tightly that feathers and mites stay "
    "where they belong, and it can be washed at sixty degrees.",
    "Every pair is sewn by one person, who signs it inside. The leather comes from a tannery that cleans its own "
    "water.",
    "Slip them on and forget about them: slippers of boiled wool with a sole of natural rubber. They're warm in "
    "winter, cool in summer and silent on the stairs.",
    "Built to last from plywood and steel, the workbench holds 300 kilos and folds flat against the wall. Holes "
    "along the top take clamps of every make.",
    "The swimsuit supports, smooths and stays in place. Straps that cross at the back leave your shoulders free to "
    "move.",
    "Whether you paint for a living or for an afternoon, these brushes hold more colour, keep their point and last "
    "for years. The set includes six sizes and a roll to carry them.",
    "Light, crisp and low in sugar, our lemonade is pressed from whole fruit. Drink it cold.",
    "A rug for people with dogs. The pile hides hair, the colours hide paws and the whole thing fits in the washing "
    "machine.",
    "Travel in comfort with a pillow that supports your neck from every side. The cover is soft, removable and "
    "washable, and the pillow packs down to the size of an apple.",
    "With a dial for temperature and a switch for steam, the iron does what an iron should. Its plate glides over "
    "buttons, its cable turns freely and its tank lasts for ten shirts.",
    "This desk rises at the touch of a button and remembers where you like it. The top is scratch resistant and "
    "available in four colours.",
    "Fresh from the coast: a striped top in heavy cotton with a boat neck and three-quarter sleeves. We've made it "
    "the same way since 1958.",
    "The scooter combines a wide deck with large wheels for a smooth and stable ride. It brakes in the rear, lights "
    "up at the front and folds in a second.",
    "Smells like a forest after rain. The candle burns for forty hours and leaves you a glass worth keeping.",
    "A notebook that lies flat. It has 192 numbered pages, two ribbons and paper that takes ink without letting it "
    "through.",
    "Keep an eye on things. The doorbell shows you who is there, lets you answer from anywhere and stores nothing "
    "outside your home.",
    "Our pyjamas are made of the softest bamboo jersey, with flat seams and no labels. Sizes run from 2 to 14 years.",
    "Quick to pitch and hard to shift, the beach shelter protects the little ones from sun and wind. Pockets on "
    "each side fill with sand to hold it down.",
)
